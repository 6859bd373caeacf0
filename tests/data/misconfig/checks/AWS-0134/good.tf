resource "aws_secretsmanager_secret" "orders" {
  name = "orders"
}
