data "aws_ami" "web" { # vigie:expect
  most_recent = true

  filter {
    name   = "name"
    values = ["web-*"]
  }
}
