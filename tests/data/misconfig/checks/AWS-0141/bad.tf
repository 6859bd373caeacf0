resource "aws_iam_user" "root" {
  name = "root"
}

resource "aws_iam_access_key" "root" { # vigie:expect
  user = aws_iam_user.root.name
}
