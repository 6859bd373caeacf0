resource "aws_db_instance" "copy" {
  identifier          = "copy"
  instance_class      = "db.t3.micro"
  replicate_source_db = "arn:aws:rds:eu-west-1:123456789012:db:orders"
}
