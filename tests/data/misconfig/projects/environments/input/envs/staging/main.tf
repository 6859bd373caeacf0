# vigie:ignore-file=AWS-0017 logs of staging hold nothing of worth
provider "aws" {
  region = "eu-central-1"
}

variable "machines" {
  type    = number
  default = 1
}

variable "debug" {
  type = bool
}

module "names" {
  source = "../../modules/names"
  prefix = "shop-staging"
}

module "firewall" {
  source = "../../modules/firewall"
  name   = module.names.prefix
  rules  = [{ port = 22, from = ["0.0.0.0/0"], why = "debugging" }]
}

module "database" {
  source         = "../../modules/database"
  name           = module.names.prefix
  security_group = module.firewall.id
  encrypted      = module.names.production
  retention      = 0
}

resource "aws_instance" "debug" {
  count         = var.machines
  ami           = "ami-0abcdef1234567890"
  instance_type = "t3.micro"
  subnet_id     = "subnet-0123456789abcdef0"

  # vigie:ignore=AWS-0131 nothing is written to this disk
  root_block_device {
    encrypted = false
  }

  metadata_options {
    http_tokens = "optional" #tfsec:ignore:aws-ec2-enforce-http-token-imds
  }
}

resource "aws_instance" "unknown" {
  ami                    = "ami-0abcdef1234567890"
  instance_type          = "t3.micro"
  ebs_optimized          = var.debug
  vpc_security_group_ids = [module.firewall.id]

  root_block_device {
    encrypted = var.debug
  }

  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_cloudwatch_log_group" "debug" {
  name = "debug"
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
  # checkov:skip=AWS-0095:alarms hold no secrets
}

#trivy:ignore:AWS-0096[name=mail]
resource "aws_sqs_queue" "jobs" {
  for_each = toset(["mail", "invoices"])

  name                    = each.key
  sqs_managed_sse_enabled = false
}
