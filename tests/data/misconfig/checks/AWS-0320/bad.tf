resource "aws_s3_bucket" "reports" {
  bucket = "reports.example.com" # vigie:expect
}
