# What is not known does not matter: the port is none of administration, the networks are known.
variable "networks" {
  type = list(string)
}

variable "port" {
  type = number
}

resource "aws_security_group" "web" {
  description = "Web servers"

  ingress {
    description = "Web"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = var.networks
  }

  ingress {
    description = "From the network"
    from_port   = var.port
    to_port     = var.port
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
