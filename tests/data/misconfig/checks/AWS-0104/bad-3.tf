resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id = "sg-0abcdef1234567890"
  ip_protocol       = "-1"
  cidr_ipv6         = "::/0" # vigie:expect
}
