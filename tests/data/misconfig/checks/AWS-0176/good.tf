resource "aws_db_instance" "orders" {
  engine                              = "postgres"
  instance_class                      = "db.t3.micro"
  iam_database_authentication_enabled = true
}

resource "aws_db_instance" "ledger" {
  engine         = "oracle-ee"
  instance_class = "db.t3.micro"
}
