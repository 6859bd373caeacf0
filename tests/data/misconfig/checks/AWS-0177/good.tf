resource "aws_db_instance" "shop" {
  identifier          = "orders"
  deletion_protection = true
}
