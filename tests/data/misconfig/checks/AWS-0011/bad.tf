resource "aws_cloudfront_distribution" "shop" { # vigie:expect
  enabled = true
}
