resource "aws_s3_bucket" "reports" { # vigie:expect
  bucket = "quarterly-reports"
}

resource "aws_s3_bucket" "pictures" {
  bucket = "holiday-pictures"
}

resource "aws_s3_bucket_public_access_block" "pictures" {
  bucket            = aws_s3_bucket.pictures.id
  block_public_acls = true
}
