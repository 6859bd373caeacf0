resource "aws_lambda_function" "function<N>" {
  function_name = "${local.prefix}-<N>"
  role          = "arn:aws:iam::123456789012:role/<word>"
  handler       = "main.handler"
  runtime       = "python3.12"
  filename      = "function.zip"
  memory_size   = 512

  tracing_config {
    mode = var.environment == "prod" ? "Active" : "PassThrough"
  }

  environment {
    variables = merge({ for k, v in var.tags : upper(k) => v }, { STAGE = var.environment, TABLE = "<word>" })
  }
}

resource "aws_lambda_permission" "function<N>" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.function<N>.function_name
  principal     = "s3.amazonaws.com"
  source_arn    = "arn:aws:s3:::${local.prefix}-data"
}

resource "aws_cloudwatch_log_group" "function<N>" {
  name              = "/aws/lambda/${aws_lambda_function.function<N>.function_name}"
  retention_in_days = local.retention
}
