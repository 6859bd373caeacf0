resource "aws_cloudwatch_log_group" "this<N>" {
  name              = "/<word>/${local.full}"
  retention_in_days = var.settings.retention
  kms_key_id        = var.settings.encrypted ? "arn:aws:kms:eu-central-1:123456789012:key/<word>" : null
  tags              = var.tags
}

resource "aws_ecr_repository" "this<N>" {
  name                 = local.full
  image_tag_mutability = var.settings.encrypted ? "IMMUTABLE" : "MUTABLE"

  image_scanning_configuration {
    scan_on_push = <bool>
  }
}
