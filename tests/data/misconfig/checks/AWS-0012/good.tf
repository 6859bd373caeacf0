resource "aws_cloudfront_distribution" "shop" {
  enabled = true

  default_cache_behavior {
    target_origin_id       = "shop"
    viewer_protocol_policy = "redirect-to-https"
  }

  ordered_cache_behavior {
    path_pattern           = "/images/*"
    target_origin_id       = "shop"
    viewer_protocol_policy = "https-only"
  }
}
