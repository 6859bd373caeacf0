resource "aws_kinesis_stream" "clicks" {
  name            = "clicks"
  shard_count     = 1
  encryption_type = "KMS"
  kms_key_id      = aws_kms_key.clicks.id
}

resource "aws_kms_key" "clicks" {
  enable_key_rotation = true
}
