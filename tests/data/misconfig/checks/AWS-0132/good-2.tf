# Log delivery cannot use a key of your own.
resource "aws_s3_bucket" "logs" {
  bucket = "access-logs"
  acl    = "log-delivery-write"
}
