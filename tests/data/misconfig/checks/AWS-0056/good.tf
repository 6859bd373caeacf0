resource "aws_iam_account_password_policy" "all" {
  password_reuse_prevention    = 24
  require_lowercase_characters = true
  require_numbers              = true
  require_symbols              = true
  require_uppercase_characters = true
  max_password_age             = 60
  minimum_password_length      = 16
}
