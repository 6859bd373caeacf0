resource "aws_network_acl" "shop" {
  vpc_id = "vpc-0abcdef1234567890"
}

resource "aws_network_acl_rule" "ssh" {
  network_acl_id = aws_network_acl.shop.id
  rule_number    = 100
  rule_action    = "allow"
  protocol       = "tcp"
  from_port      = 22
  to_port        = 22
  cidr_block     = "10.0.0.0/16"
}

resource "aws_network_acl_rule" "https" {
  network_acl_id = aws_network_acl.shop.id
  rule_number    = 200
  rule_action    = "allow"
  protocol       = "tcp"
  from_port      = 443
  to_port        = 443
  cidr_block     = "0.0.0.0/0"
}

resource "aws_network_acl_rule" "out" {
  network_acl_id = aws_network_acl.shop.id
  rule_number    = 100
  egress         = true
  rule_action    = "allow"
  protocol       = "tcp"
  from_port      = 1
  to_port        = 65535
  cidr_block     = "0.0.0.0/0"
}
