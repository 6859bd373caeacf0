resource "aws_cloudfront_distribution" "shop" {
  enabled = true

  logging_config {
    bucket = "logs.s3.amazonaws.com"
    prefix = "shop"
  }
}
