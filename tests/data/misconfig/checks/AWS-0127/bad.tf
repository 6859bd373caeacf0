resource "aws_redshift_cluster" "shop" {
  cluster_identifier        = "reports"
  cluster_subnet_group_name = "" # vigie:expect
}

resource "aws_redshift_cluster" "other" { # vigie:expect
  cluster_identifier        = "reports"
}
