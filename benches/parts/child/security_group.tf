resource "aws_security_group" "this<N>" {
  name        = local.full
  description = "<text>"

  dynamic "ingress" {
    for_each = var.settings.open
    content {
      description = "open"
      from_port   = <port>
      to_port     = <port>
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }
}
