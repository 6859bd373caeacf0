resource "aws_db_instance" "orders" {
  engine                              = "postgres"
  instance_class                      = "db.t3.micro"
  iam_database_authentication_enabled = false # vigie:expect
}

resource "aws_db_instance" "users" { # vigie:expect
  engine         = "mysql"
  instance_class = "db.t3.micro"
}
