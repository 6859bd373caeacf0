resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = aws_s3_bucket.trails.id
}

resource "aws_s3_bucket" "trails" {
  bucket = "trails"
  acl    = "private"
}

resource "aws_s3_bucket" "pictures" {
  bucket = "pictures"
  acl    = "public-read"
}
