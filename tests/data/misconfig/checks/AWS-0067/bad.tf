resource "aws_lambda_function" "mail" {
  function_name = "mail"
  role          = "arn:aws:iam::123456789012:role/mail"
}

resource "aws_lambda_permission" "topic" { # vigie:expect
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.mail.function_name
  principal     = "sns.amazonaws.com"
}
