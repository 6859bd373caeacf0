variable "office" {
  description = "The network that administrators come from."
  default     = "0.0.0.0/0"
}

module "bucket" {
  source   = "./modules/bucket"
  for_each = toset(["reports", "logs"])
  name     = each.key
}

resource "aws_security_group" "bastion" {
  name        = "bastion"
  description = "Administrators"

  ingress {
    description = "SSH"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.office]
  }

  # vigie:ignore=AWS-0104 package mirrors change their addresses
  egress {
    description = "Updates"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
