resource "aws_iam_user" "robot" { # vigie:expect
  name = "robot"
}

resource "aws_iam_access_key" "old" {
  user = aws_iam_user.robot.name
}

resource "aws_iam_access_key" "new" {
  user   = aws_iam_user.robot.name
  status = "Active"
}
