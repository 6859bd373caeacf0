resource "aws_iam_policy" "backup" {
  name = "backup"
  policy = jsonencode({ # vigie:expect
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "S3:*"
      Resource = "*"
    }]
  })
}
