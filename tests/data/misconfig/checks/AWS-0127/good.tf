resource "aws_redshift_cluster" "shop" {
  cluster_identifier        = "reports"
  cluster_subnet_group_name = "private"
}
