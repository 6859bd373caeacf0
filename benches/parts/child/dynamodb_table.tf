resource "aws_dynamodb_table" "this<N>" {
  name         = local.full
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  dynamic "server_side_encryption" {
    for_each = var.settings.encrypted ? [true] : []
    content {
      enabled     = server_side_encryption.value
      kms_key_arn = aws_kms_key.this<N>.arn
    }
  }

  point_in_time_recovery {
    enabled = <bool>
  }
}

resource "aws_kms_key" "this<N>" {
  enable_key_rotation = var.settings.encrypted
}
