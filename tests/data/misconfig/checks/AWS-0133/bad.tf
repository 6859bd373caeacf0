resource "aws_db_instance" "orders" {
  identifier                   = "orders"
  instance_class               = "db.t3.micro"
  performance_insights_enabled = false # vigie:expect
}

resource "aws_rds_cluster" "carts" {
  cluster_identifier = "carts"
}

resource "aws_rds_cluster_instance" "carts" { # vigie:expect
  cluster_identifier = aws_rds_cluster.carts.id
  instance_class     = "db.r5.large"
}
