resource "aws_db_instance" "orders" {
  identifier                   = "orders"
  instance_class               = "db.t3.micro"
  performance_insights_enabled = true
}
