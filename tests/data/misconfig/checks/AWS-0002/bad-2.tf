# The stage stands in another project.
resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = "a1b2c3d4e5"
  stage_name  = "live"
  method_path = "*/*"

  settings { # vigie:expect
    caching_enabled = true
  }
}
