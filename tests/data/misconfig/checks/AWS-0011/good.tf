resource "aws_cloudfront_distribution" "shop" {
  enabled    = true
  web_acl_id = aws_wafv2_web_acl.shop.arn
}

resource "aws_wafv2_web_acl" "shop" {
  name  = "shop"
  scope = "CLOUDFRONT"
}
