resource "aws_redshift_cluster" "reports" {
  cluster_identifier = "reports"
  node_type          = "dc2.large"
  encrypted          = true
  kms_key_id         = aws_kms_key.reports.arn
}

resource "aws_kms_key" "reports" {
  enable_key_rotation = true
}
