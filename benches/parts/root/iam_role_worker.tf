resource "aws_iam_role" "worker<N>" {
  name = "${local.prefix}-worker-<N>"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["ec2.amazonaws.com", "lambda.amazonaws.com"] }
    }]
  })
}

resource "aws_iam_policy" "worker<N>" {
  name   = "${local.prefix}-worker-<N>"
  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:ListBucket", "sqs:*"],
      "Resource": ["arn:aws:s3:::${local.prefix}-data", "arn:aws:sqs:${var.region}:123456789012:*"]
    },
    {
      "Effect": "Allow",
      "Action": "kms:Decrypt",
      "Resource": "*"
    }
  ]
}
POLICY
}

resource "aws_iam_role_policy_attachment" "worker<N>" {
  role       = aws_iam_role.worker<N>.name
  policy_arn = aws_iam_policy.worker<N>.arn
}
