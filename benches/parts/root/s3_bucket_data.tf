resource "aws_s3_bucket" "data<N>" {
  for_each = local.buckets
  bucket   = "${each.value}-<N>"
  tags     = merge(local.common, { Bucket = each.key })
}

resource "aws_s3_bucket_public_access_block" "data<N>" {
  for_each                = aws_s3_bucket.data<N>
  bucket                  = each.value.id
  block_public_acls       = <bool>
  block_public_policy     = <bool>
  ignore_public_acls      = true
  restrict_public_buckets = <bool>
}

resource "aws_s3_bucket_server_side_encryption_configuration" "data<N>" {
  for_each = var.encrypted ? aws_s3_bucket.data<N> : {}
  bucket   = each.value.bucket

  rule {
    apply_server_side_encryption_by_default {
      kms_master_key_id = local.key
      sse_algorithm     = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_versioning" "data<N>" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.data<N>[each.key].id

  versioning_configuration {
    status = var.environment == "prod" ? "Enabled" : "Suspended"
  }
}
