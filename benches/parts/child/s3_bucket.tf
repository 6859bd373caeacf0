resource "aws_s3_bucket" "this<N>" {
  bucket = "${local.full}-<N>"
  tags   = var.tags
}

resource "aws_s3_bucket_public_access_block" "this<N>" {
  bucket                  = aws_s3_bucket.this<N>.id
  block_public_acls       = length(var.settings.open) == 0
  block_public_policy     = length(var.settings.open) == 0
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "this<N>" {
  bucket = aws_s3_bucket.this<N>.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this<N>" {
  bucket = aws_s3_bucket.this<N>.id

  rule {
    apply_server_side_encryption_by_default {
      kms_master_key_id = "arn:aws:kms:eu-central-1:123456789012:key/<word>"
      sse_algorithm     = var.settings.encrypted ? "aws:kms" : "AES256"
    }
  }
}

resource "aws_s3_bucket_logging" "this<N>" {
  bucket        = aws_s3_bucket.this<N>.id
  target_bucket = "central-logs"
  target_prefix = "${local.full}/"
}
