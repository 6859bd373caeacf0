resource "aws_neptune_cluster" "shop" {
  cluster_identifier = "graph"
  kms_key_arn        = "arn:aws:kms:eu-west-1:123456789012:key/a"
}
