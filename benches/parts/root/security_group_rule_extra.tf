resource "aws_security_group_rule" "extra<N>" {
  for_each          = { for rule in var.rules : tostring(rule.port) => rule }
  type              = "ingress"
  from_port         = each.value.port
  to_port           = each.value.port
  protocol          = "tcp"
  cidr_blocks       = each.value.cidrs
  security_group_id = "sg-0a1b2c3d<N>"
}
