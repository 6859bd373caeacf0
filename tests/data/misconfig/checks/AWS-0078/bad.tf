resource "aws_db_instance" "orders" { # vigie:expect
  identifier                   = "orders"
  instance_class               = "db.t3.micro"
  performance_insights_enabled = true
}

resource "aws_rds_cluster" "carts" {
  cluster_identifier              = "carts"
  performance_insights_enabled    = true
  performance_insights_kms_key_id = "" # vigie:expect
}

resource "aws_rds_cluster_instance" "carts" { # vigie:expect
  cluster_identifier           = aws_rds_cluster.carts.id
  instance_class               = "db.r5.large"
  performance_insights_enabled = true
}
