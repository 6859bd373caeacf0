resource "aws_neptune_cluster" "shop" {
  cluster_identifier = "graph"
  storage_encrypted  = true
}
