resource "aws_iam_group" "developers" {
  name = "developers"
}

resource "aws_iam_group_policy" "mfa" {
  name  = "mfa"
  group = aws_iam_group.developers.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      NotAction = "iam:*"
      Resource  = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}
