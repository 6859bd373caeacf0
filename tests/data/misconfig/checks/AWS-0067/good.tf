resource "aws_lambda_function" "mail" {
  function_name = "mail"
  role          = "arn:aws:iam::123456789012:role/mail"
}

resource "aws_sns_topic" "orders" {
  name = "orders"
}

resource "aws_lambda_permission" "topic" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.mail.function_name
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.orders.arn
}

resource "aws_lambda_permission" "account" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.mail.function_name
  principal     = "123456789012"
}
