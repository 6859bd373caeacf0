resource "aws_api_gateway_rest_api" "shop" {
  name = "shop"
}

resource "aws_api_gateway_stage" "live" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  deployment_id = "abc123"
  stage_name    = "live"

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.shop.arn
    format          = "$context.requestId"
  }
}

resource "aws_apigatewayv2_api" "chat" {
  name          = "chat"
  protocol_type = "WEBSOCKET"
}

resource "aws_apigatewayv2_stage" "live" {
  api_id = aws_apigatewayv2_api.chat.id
  name   = "live"

  access_log_settings {
    destination_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:chat"
    format          = "$context.requestId"
  }
}

resource "aws_cloudwatch_log_group" "shop" {
  name = "shop"
}
