resource "aws_redshift_cluster" "reports" {
  cluster_identifier = "reports"
  node_type          = "dc2.large"
  encrypted          = false # vigie:expect
}

resource "aws_redshift_cluster" "orders" { # vigie:expect
  cluster_identifier = "orders"
  node_type          = "dc2.large"
  encrypted          = true
}
