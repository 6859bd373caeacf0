resource "aws_ebs_volume" "data" { # vigie:expect
  availability_zone = "eu-west-1a"
  size              = 40
  encrypted         = true
}
