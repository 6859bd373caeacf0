resource "aws_iam_policy" "sync" {
  name = "sync"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:Get*", "s3:Put*"]
      Resource = "arn:aws:s3:::exchange/*"
    }]
  })
}
