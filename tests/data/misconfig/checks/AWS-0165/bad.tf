resource "aws_iam_user" "root" { # vigie:expect
  name = "root"
}
