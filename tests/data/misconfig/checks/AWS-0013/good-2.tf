resource "aws_cloudfront_distribution" "shop" {
  enabled = true

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
