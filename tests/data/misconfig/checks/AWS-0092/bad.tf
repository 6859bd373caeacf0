resource "aws_s3_bucket" "pictures" {
  bucket = "holiday-pictures"
  acl    = "public-read" # vigie:expect
}
