resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = aws_s3_bucket.trails.id
}

resource "aws_s3_bucket" "trails" { # vigie:expect
  bucket = "trails"
  acl    = "public-read"
}
