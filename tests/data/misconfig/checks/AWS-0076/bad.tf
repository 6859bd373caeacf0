resource "aws_neptune_cluster" "shop" {
  cluster_identifier = "graph"
  storage_encrypted  = false # vigie:expect
}

resource "aws_neptune_cluster" "other" { # vigie:expect
  cluster_identifier = "graph"
}
