resource "aws_iam_user" "anna" { # vigie:expect
  name = "anna"
}

resource "aws_iam_user_policy" "reports" {
  name = "reports"
  user = aws_iam_user.anna.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::reports/*"
    }]
  })
}
