resource "aws_lb" "shop" {
  name                       = "shop"
  internal                   = true
  drop_invalid_header_fields = true
}

resource "aws_lb" "firewall" {
  name               = "firewall"
  load_balancer_type = "gateway"
}
