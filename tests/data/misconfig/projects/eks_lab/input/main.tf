locals {
  tags = {
    Project = var.name
    Owner   = "platform"
  }
}

data "aws_availability_zones" "available" {
  state = "available"
}

data "aws_caller_identity" "current" {}

module "network" {
  source = "./modules/network"

  name  = var.name
  cidr  = var.cidr
  zones = slice(data.aws_availability_zones.available.names, 0, 3)
}

module "cluster" {
  source = "./modules/cluster"

  name            = var.name
  subnet_ids      = module.network.private_subnet_ids
  vpc_id          = module.network.vpc_id
  public_endpoint = var.public_endpoint
  trusted_ranges  = var.trusted_ranges
  encrypt_secrets = var.encrypt_secrets
  log_types       = var.log_types
}

module "node_group" {
  source   = "./modules/node_group"
  for_each = var.node_groups

  name           = each.key
  cluster        = module.cluster.name
  subnet_ids     = module.network.private_subnet_ids
  vpc_id         = module.network.vpc_id
  instance_types = each.value.instance_types
  min            = each.value.min
  max            = each.value.max
  ssh_key        = each.value.ssh_key
  disk_gib       = each.value.disk_gib
}

module "state" {
  source = "./modules/state"
  name   = "${var.name}-terraform-state"
}

resource "aws_ecr_repository" "app" {
  for_each = toset(["web", "worker"])

  name                 = "${var.name}/${each.key}"
  image_tag_mutability = each.key == "web" ? "IMMUTABLE" : "MUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/${module.cluster.name}/cluster"
  retention_in_days = 30
}
