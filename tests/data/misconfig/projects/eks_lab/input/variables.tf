variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "name" {
  type        = string
  description = "Name of the lab; every resource starts with it."
}

variable "cidr" {
  type    = string
  default = "10.0.0.0/16"
}

variable "public_endpoint" {
  type    = bool
  default = true
}

variable "trusted_ranges" {
  type    = list(string)
  default = ["0.0.0.0/0"]
}

variable "encrypt_secrets" {
  type    = bool
  default = true
}

variable "log_types" {
  type    = set(string)
  default = []
}

variable "node_groups" {
  type = map(object({
    instance_types = list(string)
    min            = optional(number, 1)
    max            = optional(number, 3)
    ssh_key        = optional(string)
    disk_gib       = optional(number, 20)
  }))
}
