resource "aws_s3_bucket" "pictures" {
  bucket = "holiday-pictures"
  acl    = "private"
}
