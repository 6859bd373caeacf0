# The function stands in another project.
resource "aws_lambda_permission" "bucket" { # vigie:expect
  action        = "lambda:InvokeFunction"
  function_name = "mail"
  principal     = "s3.amazonaws.com"
}
