resource "aws_cloudfront_distribution" "shop" {
  enabled = true
}

resource "aws_cloudwatch_log_delivery_source" "shop" {
  name         = "shop"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.shop.arn
}

resource "aws_cloudwatch_log_delivery_destination" "shop" {
  name          = "shop"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = "arn:aws:s3:::logs"
  }
}

resource "aws_cloudwatch_log_delivery" "shop" {
  delivery_source_name     = aws_cloudwatch_log_delivery_source.shop.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.shop.arn
}
