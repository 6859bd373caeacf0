resource "aws_neptune_cluster" "shop" {
  cluster_identifier = "graph"
  kms_key_arn        = "" # vigie:expect
}

resource "aws_neptune_cluster" "other" { # vigie:expect
  cluster_identifier = "graph"
}
