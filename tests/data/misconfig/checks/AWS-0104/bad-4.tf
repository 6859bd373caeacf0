resource "aws_default_security_group" "default" {
  vpc_id = "vpc-0abcdef1234567890"
  egress = [{
    description      = "Anything"
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = []
    prefix_list_ids  = []
    security_groups  = []
    self             = false
  }]
}
