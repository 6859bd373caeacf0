resource "aws_db_instance" "shop" {
  identifier        = "orders"
  instance_class    = "db.t3.micro"
  storage_encrypted = true
}
