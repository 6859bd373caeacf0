resource "aws_iam_group" "developers" { # vigie:expect
  name = "developers"
}
