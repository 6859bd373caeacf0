# The cluster stands in another project.
resource "aws_rds_cluster_instance" "carts" { # vigie:expect
  cluster_identifier           = "carts"
  instance_class               = "db.r5.large"
  performance_insights_enabled = true
}
