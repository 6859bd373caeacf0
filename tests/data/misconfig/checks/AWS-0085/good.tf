resource "aws_redshift_cluster" "reports" {
  cluster_identifier     = "reports"
  node_type              = "dc2.large"
  vpc_security_group_ids = ["sg-12345678"]
}
