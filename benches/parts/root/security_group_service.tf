# <text>
resource "aws_security_group" "service<N>" {
  name        = "${local.prefix}-<N>"
  description = "<text>"
  vpc_id      = "vpc-0a1b2c<N>"

  dynamic "ingress" {
    for_each = var.rules
    iterator = rule
    content {
      description = rule.value.description
      from_port   = rule.value.port
      to_port     = rule.value.port
      protocol    = "tcp"
      cidr_blocks = rule.value.cidrs
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["<cidr>"]
  }

  tags = local.common
}
