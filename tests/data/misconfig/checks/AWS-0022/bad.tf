resource "aws_docdb_cluster" "orders" { # vigie:expect
  cluster_identifier = "orders"
  storage_encrypted  = true
}

resource "aws_docdb_cluster_instance" "orders" {
  cluster_identifier = aws_docdb_cluster.orders.id
  instance_class     = "db.r5.large"
}
