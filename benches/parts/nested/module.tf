variable "prefix" {
  type = string
}

variable "names" {
  type = map(number)
}

locals {
  sizes = { for name, size in var.names : upper(name) => size * 2 }
}

resource "aws_sqs_queue" "queue" {
  for_each                  = var.names
  name                      = "${var.prefix}-${each.key}"
  message_retention_seconds = each.value * 60
  kms_master_key_id         = length(local.sizes) > 1 ? "alias/<word>" : null
}

resource "aws_security_group" "group" {
  for_each    = local.sizes
  name        = "${var.prefix}-${lower(each.key)}"
  description = "<text>"

  dynamic "ingress" {
    for_each = { for name, size in var.names : name => size if size < 4 }
    content {
      description = ingress.key
      from_port   = 8000 + ingress.value
      to_port     = 8000 + ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
}

output "arns" {
  value = { for name, queue in aws_sqs_queue.queue : name => queue.arn }
}
