resource "aws_iam_user" "anna" { # vigie:expect
  name = "anna"
}

resource "aws_iam_user_policy_attachment" "reader" {
  user       = aws_iam_user.anna.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
