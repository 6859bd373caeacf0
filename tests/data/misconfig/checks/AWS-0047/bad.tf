resource "aws_lb" "shop" {
  name     = "shop"
  internal = true
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.shop.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS-1-1-2017-01" # vigie:expect
}
