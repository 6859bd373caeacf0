resource "aws_redshift_security_group" "reports" { # vigie:expect
  name        = "reports"
  description = "The hosts that make reports"
}
