resource "aws_security_group" "jump" {
  description = "Jump hosts"
}

resource "aws_security_group_rule" "rdp" {
  security_group_id = aws_security_group.jump.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 3000
  to_port           = 4000
  cidr_blocks       = ["0.0.0.0/0"] # vigie:expect
}
