resource "aws_security_group" "web" {
  description = "Web servers"
}

resource "aws_security_group_rule" "out" {
  security_group_id = aws_security_group.web.id
  type              = "egress"
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  ipv6_cidr_blocks  = ["0000:0000:0000:0000:0000:0000:0000:0000/0"] # vigie:expect
}
