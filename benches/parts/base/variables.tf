variable "name" {
  description = "What everything here is called"
  type        = string
  default     = "<word>"
}

variable "environment" {
  type    = string
  default = "dev"

  validation {
    condition     = contains(["dev", "test", "stage", "prod"], var.environment)
    error_message = "One of the four environments."
  }
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "cidr" {
  type    = string
  default = "10.20.0.0/16"
}

variable "zones" {
  type    = list(string)
  default = ["a", "b", "c"]
}

variable "rules" {
  type = list(object({
    description = string
    port        = number
    cidrs       = optional(list(string), ["10.0.0.0/8"])
  }))
  default = [
    { description = "web", port = 443 },
    { description = "<text>", port = <port>, cidrs = ["<cidr>"] },
  ]
}

variable "queues" {
  type = map(object({
    retention = optional(number, 345600)
    fifo      = optional(bool, false)
  }))
  default = {
    <word>   = {}
    incoming = { retention = 1209600, fifo = true }
  }
}

variable "encrypted" {
  type    = bool
  default = <bool>
}

variable "public" {
  type    = bool
  default = false
}

variable "secret" {
  type      = string
  sensitive = true
  default   = null
}
