resource "aws_lambda_function" "mail" {
  function_name = "mail"
  role          = "arn:aws:iam::123456789012:role/mail"
  handler       = "mail.handler"

  tracing_config {
    mode = "Active"
  }
}
