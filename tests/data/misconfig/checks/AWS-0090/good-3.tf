resource "aws_s3_bucket" "reports" {
  bucket = "quarterly-reports"

  versioning {
    enabled = true
  }
}
