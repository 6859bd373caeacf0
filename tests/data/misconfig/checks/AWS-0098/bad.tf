resource "aws_secretsmanager_secret" "shop" {
  name       = "orders"
  kms_key_id = "alias/aws/secretsmanager" # vigie:expect
}

resource "aws_secretsmanager_secret" "other" { # vigie:expect
  name       = "orders"
}
