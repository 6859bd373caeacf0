resource "aws_api_gateway_domain_name" "shop" {
  domain_name     = "api.example.com"
  security_policy = "TLS_1_0" # vigie:expect
}

resource "aws_api_gateway_domain_name" "old" { # vigie:expect
  domain_name = "old.example.com"
}

resource "aws_apigatewayv2_domain_name" "chat" {
  domain_name = "chat.example.com"

  domain_name_configuration {
    certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/a"
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_0" # vigie:expect
  }
}
