resource "aws_network_acl" "shop" {
  vpc_id = "vpc-0abcdef1234567890"
}

resource "aws_network_acl_rule" "all" {
  network_acl_id = aws_network_acl.shop.id
  rule_number    = 100
  rule_action    = "allow"
  protocol       = "-1" # vigie:expect
  cidr_block     = "10.0.0.0/16"
}
