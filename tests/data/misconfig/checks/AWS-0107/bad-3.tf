resource "aws_security_group" "jump" {
  description = "Jump hosts"
}

resource "aws_vpc_security_group_ingress_rule" "all" {
  security_group_id = aws_security_group.jump.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0" # vigie:expect
}
