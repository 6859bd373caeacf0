resource "aws_rds_cluster" "shop" {
  cluster_identifier  = "orders"
  deletion_protection = false # vigie:expect
}

resource "aws_rds_cluster" "other" { # vigie:expect
  cluster_identifier  = "orders"
}
