variable "name" { type = string }
variable "rules" {
  type = list(object({ port = number, from = list(string), why = optional(string) }))
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "Of ${var.name}"

  dynamic "ingress" {
    for_each = { for rule in var.rules : rule.port => rule }
    iterator = rule
    content {
      description = rule.value.why
      from_port   = rule.value.port
      to_port     = rule.value.port
      protocol    = "tcp"
      cidr_blocks = rule.value.from
    }
  }
}

output "id" {
  value = aws_security_group.this.id
}
