# The bucket belongs to another configuration.
resource "aws_s3_bucket_public_access_block" "elsewhere" {
  bucket              = "made-elsewhere"
  block_public_policy = false # vigie:expect
}
