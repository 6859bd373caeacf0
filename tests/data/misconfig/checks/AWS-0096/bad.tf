resource "aws_sqs_queue" "orders" { # vigie:expect
  name = "orders"
}
