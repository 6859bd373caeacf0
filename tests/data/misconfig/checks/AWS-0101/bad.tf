resource "aws_default_vpc" "default" { # vigie:expect
}
