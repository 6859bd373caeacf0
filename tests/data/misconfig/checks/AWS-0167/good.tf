resource "aws_iam_user" "robot" {
  name = "robot"
}

resource "aws_iam_access_key" "old" {
  user   = aws_iam_user.robot.name
  status = "Inactive"
}

resource "aws_iam_access_key" "new" {
  user = aws_iam_user.robot.name
}
