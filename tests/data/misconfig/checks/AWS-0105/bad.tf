resource "aws_network_acl" "shop" {
  vpc_id = "vpc-0abcdef1234567890"
}

resource "aws_network_acl_rule" "ssh" {
  network_acl_id = aws_network_acl.shop.id
  rule_number    = 100
  egress         = false
  rule_action    = "allow"
  protocol       = "tcp"
  from_port      = 22
  to_port        = 22
  cidr_block     = "0.0.0.0/0" # vigie:expect
}
