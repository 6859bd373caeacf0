data "aws_iam_policy_document" "anyone" { # vigie:expect
  statement {
    actions = ["ecr:*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

# The repository stands in another project.
resource "aws_ecr_repository_policy" "shop" {
  repository = "shop"
  policy     = data.aws_iam_policy_document.anyone.json
}
