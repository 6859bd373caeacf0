resource "aws_db_instance" "orders" {
  identifier          = "orders"
  instance_class      = "db.t3.micro"
  publicly_accessible = true # vigie:expect
}

resource "aws_rds_cluster" "carts" {
  cluster_identifier = "carts"
}

resource "aws_rds_cluster_instance" "carts" {
  cluster_identifier  = aws_rds_cluster.carts.id
  instance_class      = "db.r5.large"
  publicly_accessible = true # vigie:expect
}
