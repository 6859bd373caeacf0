resource "aws_lb" "shop" {
  name                       = "shop"
  internal                   = true
  load_balancer_type         = "application"
  drop_invalid_header_fields = false # vigie:expect
}

resource "aws_alb" "tools" { # vigie:expect
  name     = "tools"
  internal = true
}
