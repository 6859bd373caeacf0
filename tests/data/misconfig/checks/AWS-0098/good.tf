resource "aws_secretsmanager_secret" "shop" {
  name       = "orders"
  kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/a"
}
