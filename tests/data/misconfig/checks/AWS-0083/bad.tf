resource "aws_redshift_security_group" "reports" { # vigie:expect
  name = "reports"

  ingress {
    cidr = "10.0.0.0/24"
  }
}

resource "aws_redshift_security_group" "analysts" {
  name        = "analysts"
  description = "" # vigie:expect
}
