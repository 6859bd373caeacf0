provider "aws" {
  region = "eu-central-1"
}

provider "aws" {
  alias  = "backup"
  region = "eu-west-1"
}

variable "stage" { type = string }
variable "buckets" {
  type = map(object({
    versioned = optional(bool, true)
    acl       = optional(string, "private")
  }))
}
variable "open_ports" {
  type    = list(object({ port = number, from = list(string), why = optional(string) }))
  default = []
}

locals {
  prefix  = "shop-${var.stage}"
  backups = { for name, bucket in var.buckets : name => bucket if bucket.versioned }
}

module "names" {
  source = "../../modules/names"
  prefix = local.prefix
  count  = 1
}

module "bucket" {
  source   = "../../modules/bucket"
  for_each = var.buckets

  name      = "${module.names[0].prefix}-${each.key}"
  versioned = each.value.versioned
  acl       = each.value.acl
  key_arn   = module.database.key_arn
}

module "backup" {
  source   = "../../modules/bucket"
  for_each = local.backups
  providers = {
    aws = aws.backup
  }

  name      = "${local.prefix}-${each.key}-backup"
  versioned = true
  acl       = "private"
}

module "firewall" {
  source = "../../modules/firewall"
  name   = module.names[0].prefix
  rules  = var.open_ports
}

module "database" {
  source         = "../../modules/database"
  name           = local.prefix
  security_group = module.firewall.id
  encrypted      = module.names[0].production
  retention      = module.names[0].production ? 14 : 0
}

#trivy:ignore:AWS-0096
module "queue" {
  source = "../../modules/queue"
  name   = local.prefix
}
