resource "aws_cloudtrail" "audit" { # vigie:expect
  name           = "audit"
  s3_bucket_name = "trails"
}
