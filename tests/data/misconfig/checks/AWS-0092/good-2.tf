# The ACL is public, but ignored.
resource "aws_s3_bucket" "pictures" {
  bucket = "holiday-pictures"
  acl    = "public-read"
}

resource "aws_s3_bucket_public_access_block" "pictures" {
  bucket             = aws_s3_bucket.pictures.id
  ignore_public_acls = true
}
