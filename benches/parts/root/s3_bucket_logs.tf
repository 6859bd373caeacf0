resource "aws_s3_bucket" "logs<N>" {
  bucket = "${local.prefix}-logs-<N>"
  tags   = local.common
}

resource "aws_s3_bucket_versioning" "logs<N>" {
  bucket = aws_s3_bucket.logs<N>.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "logs<N>" {
  bucket                  = aws_s3_bucket.logs<N>.id
  block_public_acls       = true
  block_public_policy     = !var.public
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "logs<N>" {
  statement {
    sid       = "AllowWrites"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.logs<N>.arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["logging.s3.amazonaws.com"]
    }
  }

  dynamic "statement" {
    for_each = var.public ? [1] : []
    content {
      actions   = ["s3:GetObject"]
      resources = [aws_s3_bucket.logs<N>.arn]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "logs<N>" {
  bucket = aws_s3_bucket.logs<N>.id
  policy = data.aws_iam_policy_document.logs<N>.json
}
