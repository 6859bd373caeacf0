resource "aws_db_instance" "orders" {
  identifier              = "orders"
  instance_class          = "db.t3.micro"
  backup_retention_period = 1 # vigie:expect
}

resource "aws_db_instance" "users" { # vigie:expect
  identifier     = "users"
  instance_class = "db.t3.micro"
}

resource "aws_rds_cluster" "carts" {
  cluster_identifier      = "carts"
  backup_retention_period = 1 # vigie:expect
}

resource "aws_rds_cluster_instance" "carts" {
  cluster_identifier = aws_rds_cluster.carts.id
  instance_class     = "db.r5.large"
}
