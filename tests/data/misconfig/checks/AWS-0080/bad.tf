resource "aws_db_instance" "shop" {
  identifier        = "orders"
  instance_class    = "db.t3.micro"
  storage_encrypted = false # vigie:expect
}

resource "aws_db_instance" "other" { # vigie:expect
  identifier        = "orders"
  instance_class    = "db.t3.micro"
}
