resource "aws_athena_workgroup" "analysts" {
  name = "analysts"

  configuration {
    enforce_workgroup_configuration = true
  }
}

resource "aws_athena_workgroup" "guests" {
  name = "guests"

  configuration {
    publish_cloudwatch_metrics_enabled = true
  }
}
