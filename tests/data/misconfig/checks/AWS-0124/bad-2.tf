resource "aws_security_group" "web" {
  description = "Web servers"
}

resource "aws_vpc_security_group_egress_rule" "out" { # vigie:expect
  security_group_id = aws_security_group.web.id
  ip_protocol       = "-1"
  cidr_ipv4         = "10.0.0.0/16"
}
