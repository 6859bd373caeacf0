resource "aws_docdb_cluster" "orders" {
  cluster_identifier              = "orders"
  master_username                 = "orders"
  enabled_cloudwatch_logs_exports = ["audit"]
}
