resource "aws_network_acl" "shop" {
  vpc_id = "vpc-0abcdef1234567890"

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 3000
    to_port    = 4000
    cidr_block = "0.0.0.0/0" # vigie:expect
  }
}
