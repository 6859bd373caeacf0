resource "aws_security_group" "web" { # vigie:expect
  name = "web"
}
