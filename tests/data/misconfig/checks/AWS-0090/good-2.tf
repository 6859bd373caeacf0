# Object lock turns versioning on.
resource "aws_s3_bucket" "ledger" {
  bucket              = "ledger"
  object_lock_enabled = true
}
