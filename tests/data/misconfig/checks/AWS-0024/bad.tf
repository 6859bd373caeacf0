resource "aws_dynamodb_table" "orders" { # vigie:expect
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
}
