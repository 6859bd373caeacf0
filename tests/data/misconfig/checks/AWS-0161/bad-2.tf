# The name says which bucket it is.
resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = "trails"
}

resource "aws_s3_bucket" "trails" { # vigie:expect
  bucket = "trails"
}

resource "aws_s3_bucket_acl" "trails" {
  bucket = aws_s3_bucket.trails.id
  acl    = "public-read"
}
