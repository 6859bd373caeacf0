resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = aws_s3_bucket.trails.bucket
}

resource "aws_s3_bucket" "trails" {
  bucket = "trails"
}

resource "aws_s3_bucket_logging" "trails" {
  bucket        = aws_s3_bucket.trails.id
  target_bucket = "access-logs"
  target_prefix = "trails/"
}
