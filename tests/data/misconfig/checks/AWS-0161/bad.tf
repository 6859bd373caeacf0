resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = aws_s3_bucket.trails.id
}

resource "aws_s3_bucket" "trails" {
  bucket = "trails"
  acl    = "public-read" # vigie:expect
}
