resource "aws_s3_bucket" "reports" {
  bucket = "quarterly-reports"
}

resource "aws_s3_bucket_public_access_block" "reports" { # vigie:expect
  bucket              = aws_s3_bucket.reports.id
  block_public_policy = true
}
