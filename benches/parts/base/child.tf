variable "name" {
  type = string
}

variable "settings" {
  type = object({
    encrypted = optional(bool, true)
    retention = optional(number, 30)
    open      = optional(list(string), [])
  })
  default = {}
}

variable "tags" {
  type    = map(string)
  default = {}
}

locals {
  full = "${var.name}-<word>"
}
