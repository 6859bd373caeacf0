resource "aws_docdb_cluster" "orders" {
  cluster_identifier = "orders"
  storage_encrypted  = true
  kms_key_id         = aws_kms_key.orders.arn
}

resource "aws_kms_key" "orders" {
  enable_key_rotation = true
}
