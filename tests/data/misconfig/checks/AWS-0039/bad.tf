resource "aws_eks_cluster" "shop" { # vigie:expect
  name     = "shop"
  role_arn = "arn:aws:iam::123456789012:role/eks"
}

resource "aws_eks_cluster" "tools" {
  name     = "tools"
  role_arn = "arn:aws:iam::123456789012:role/eks"

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = "" # vigie:expect
    }
  }
}
