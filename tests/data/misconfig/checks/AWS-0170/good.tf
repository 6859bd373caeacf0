resource "aws_s3_bucket" "ledger" {
  bucket = "ledger"
}

resource "aws_s3_bucket_versioning" "ledger" {
  bucket = aws_s3_bucket.ledger.id
  mfa    = "arn:aws:iam::123456789012:mfa/root 123456"

  versioning_configuration {
    status     = "Enabled"
    mfa_delete = "Enabled"
  }
}
