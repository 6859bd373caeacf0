resource "aws_dynamodb_table" "orders" { # vigie:expect
  name     = "orders"
  hash_key = "id"
}

resource "aws_dynamodb_table" "users" {
  name     = "users"
  hash_key = "id"

  server_side_encryption { # vigie:expect
    enabled = true
  }
}
