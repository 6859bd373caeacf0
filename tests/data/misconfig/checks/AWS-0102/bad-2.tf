resource "aws_network_acl" "shop" {
  vpc_id = "vpc-0abcdef1234567890"

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = -1 # vigie:expect
    cidr_block = "10.0.0.0/16"
    from_port  = 0
    to_port    = 0
  }
}
