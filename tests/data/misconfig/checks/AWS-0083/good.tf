resource "aws_redshift_security_group" "reports" {
  name        = "reports"
  description = "The hosts that make reports"

  ingress {
    cidr = "10.0.0.0/24"
  }
}
