# No public access block at all.
resource "aws_s3_bucket" "reports" { # vigie:expect
  bucket = "quarterly-reports"
}
