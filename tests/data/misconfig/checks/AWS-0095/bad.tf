resource "aws_sns_topic" "orders" { # vigie:expect
  name = "orders"
}
