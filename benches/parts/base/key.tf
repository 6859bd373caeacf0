resource "aws_kms_key" "main" {
  description             = "<text>"
  deletion_window_in_days = 30
  enable_key_rotation     = <bool>
  tags                    = local.common
}

resource "aws_kms_alias" "main" {
  name          = "alias/${local.prefix}"
  target_key_id = aws_kms_key.main.key_id
}
