resource "aws_network_acl" "shop" {
  vpc_id = "vpc-0abcdef1234567890"
}

resource "aws_network_acl_rule" "https" {
  network_acl_id = aws_network_acl.shop.id
  rule_number    = 100
  rule_action    = "allow"
  protocol       = "tcp"
  cidr_block     = "0.0.0.0/0"
  from_port      = 443
  to_port        = 443
}

resource "aws_network_acl_rule" "nothing_else" {
  network_acl_id = aws_network_acl.shop.id
  rule_number    = 200
  rule_action    = "deny"
  protocol       = "-1"
  cidr_block     = "0.0.0.0/0"
}
