resource "aws_ecr_repository" "shop" {
  name = "shop"
}

resource "aws_ecr_repository_policy" "shop" {
  repository = aws_ecr_repository.shop.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      },
      {
        Effect    = "Deny"
        Principal = "*"
        Action    = "ecr:DeleteRepository"
      },
    ]
  })
}
