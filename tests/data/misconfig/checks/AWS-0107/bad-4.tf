locals {
  ports = [443, 22]
}

resource "aws_default_security_group" "default" {
  vpc_id = "vpc-0abcdef1234567890"

  dynamic "ingress" {
    for_each = local.ports
    content {
      description = "Port ${ingress.value}"
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
