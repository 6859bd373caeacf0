resource "aws_iam_group" "developers" { # vigie:expect
  name = "developers"
}

resource "aws_iam_group_policy" "developers" {
  name  = "instances"
  group = aws_iam_group.developers.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "ec2:Describe*"
      Resource = "*"
    }]
  })
}
