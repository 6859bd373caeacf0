# What a configuration declares has not been used yet.
resource "aws_iam_user" "root" {
  name = "root"
}
