# What a configuration declares has not been made yet.
resource "aws_iam_user" "anna" {
  name = "anna"
}

resource "aws_iam_access_key" "anna" {
  user = aws_iam_user.anna.name
}
