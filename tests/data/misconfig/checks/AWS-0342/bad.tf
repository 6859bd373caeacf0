resource "aws_iam_policy" "deployer" {
  name = "deployer"
  policy = jsonencode({ # vigie:expect
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["iam:PassRole", "ec2:RunInstances"]
      Resource = "*"
    }]
  })
}
