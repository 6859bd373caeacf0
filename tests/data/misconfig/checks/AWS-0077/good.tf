resource "aws_db_instance" "orders" {
  identifier              = "orders"
  instance_class          = "db.t3.micro"
  backup_retention_period = 7
}

resource "aws_db_instance" "copy" {
  identifier          = "copy"
  instance_class      = "db.t3.micro"
  replicate_source_db = aws_db_instance.orders.arn
}

resource "aws_rds_cluster" "carts" {
  cluster_identifier      = "carts"
  backup_retention_period = 7
}

resource "aws_rds_cluster_instance" "carts" {
  cluster_identifier = aws_rds_cluster.carts.id
  instance_class     = "db.r5.large"
}
