data "aws_iam_policy_document" "deployer" { # vigie:expect
  statement {
    actions   = ["iam:passrole"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "deployer" {
  name   = "deployer"
  policy = data.aws_iam_policy_document.deployer.json
}
