resource "aws_s3_bucket" "pictures" {
  bucket = "holiday-pictures"
}

resource "aws_s3_bucket_acl" "pictures" {
  bucket = aws_s3_bucket.pictures.id
  acl    = "authenticated-read" # vigie:expect
}

resource "aws_s3_bucket_public_access_block" "pictures" {
  bucket              = aws_s3_bucket.pictures.id
  block_public_policy = true
}
