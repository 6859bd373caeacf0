resource "aws_s3_bucket" "reports" {
  bucket = "quarterly-reports"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "reports" {
  bucket = aws_s3_bucket.reports.id

  rule {
    apply_server_side_encryption_by_default { # vigie:expect
      sse_algorithm = "AES256"
    }
  }
}
