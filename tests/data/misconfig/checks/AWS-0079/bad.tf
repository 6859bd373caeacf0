resource "aws_rds_cluster" "carts" { # vigie:expect
  cluster_identifier = "carts"
}

resource "aws_rds_cluster" "orders" { # vigie:expect
  cluster_identifier = "orders"
  storage_encrypted  = true
}

resource "aws_rds_cluster" "users" {
  cluster_identifier = "users"
  storage_encrypted  = false # vigie:expect
  kms_key_id         = "arn:aws:kms:eu-west-1:123456789012:key/a"
}
