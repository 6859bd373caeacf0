resource "aws_db_instance" "shop" {
  identifier          = "orders"
  deletion_protection = false # vigie:expect
}

resource "aws_db_instance" "other" { # vigie:expect
  identifier          = "orders"
}
