resource "aws_db_instance" "orders" {
  identifier                      = "orders"
  instance_class                  = "db.t3.micro"
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.insights.arn
}

resource "aws_rds_cluster" "carts" {
  cluster_identifier           = "carts"
  performance_insights_enabled = false
}

resource "aws_kms_key" "insights" {
  enable_key_rotation = true
}
