resource "aws_api_gateway_rest_api" "shop" {
  name = "shop"
}

resource "aws_api_gateway_stage" "live" {
  rest_api_id          = aws_api_gateway_rest_api.shop.id
  deployment_id        = "abc123"
  stage_name           = "live"
  xray_tracing_enabled = false # vigie:expect
}
