resource "aws_neptune_cluster" "shop" {
  cluster_identifier             = "graph"
  enable_cloudwatch_logs_exports = ["audit"]
}
