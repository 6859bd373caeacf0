resource "aws_cloudwatch_log_group" "web" { # vigie:expect
  name = "web"
}
