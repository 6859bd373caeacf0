resource "aws_cloudfront_distribution" "shop" { # vigie:expect
  enabled = true

  origin {
    domain_name = "shop.example.com"
    origin_id   = "shop"
  }

  default_cache_behavior {
    target_origin_id       = "shop"
    viewer_protocol_policy = "https-only"
  }
}
