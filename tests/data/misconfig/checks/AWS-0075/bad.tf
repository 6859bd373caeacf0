resource "aws_neptune_cluster" "shop" {
  cluster_identifier             = "graph"
  enable_cloudwatch_logs_exports = [] # vigie:expect
}

resource "aws_neptune_cluster" "other" { # vigie:expect
  cluster_identifier             = "graph"
}
