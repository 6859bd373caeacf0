# The API stands in another project.
resource "aws_api_gateway_stage" "live" { # vigie:expect
  rest_api_id   = "a1b2c3d4e5"
  deployment_id = "abc123"
  stage_name    = "live"
}
