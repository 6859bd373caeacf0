resource "aws_kinesis_stream" "clicks" {
  name            = "clicks"
  shard_count     = 1
  encryption_type = "NONE" # vigie:expect
}

resource "aws_kinesis_stream" "orders" { # vigie:expect
  name            = "orders"
  shard_count     = 1
  encryption_type = "KMS"
}
