resource "aws_rds_cluster" "shop" {
  cluster_identifier  = "orders"
  deletion_protection = true
}
