locals {
  prefix = "${var.name}-${var.environment}"
  common = merge(var.tags, {
    Name        = local.prefix
    Environment = upper(var.environment)
    Owner       = "<word>"
    # <text>
    Cost = format("%s-%03d", substr(var.name, 0, 3), <size>)
  })
  subnets   = { for i, zone in var.zones : zone => cidrsubnet(var.cidr, 8, i) }
  open      = [for rule in var.rules : rule.port if contains(rule.cidrs, "0.0.0.0/0")]
  pairs     = { for pair in setproduct(var.zones, ["web", "app"]) : join("-", pair) => { zone = pair[0], tier = pair[1] } }
  retention = var.environment == "prod" ? 365 : lookup({ dev = 7, test = 14 }, var.environment, <size>)
  buckets   = toset(compact(["${local.prefix}-data", var.environment == "prod" ? "${local.prefix}-copies" : ""]))
  key       = try(aws_kms_key.main.arn, null)
}
