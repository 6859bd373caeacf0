locals {
  prefix    = "shop-${var.environment}"
  common    = { Owner = "<word>", Environment = upper(var.environment) }
  buckets   = toset(["shop-data", "shop-copies"])
  key       = aws_kms_key.main.arn
  retention = var.environment == "prod" ? 365 : 30
}
