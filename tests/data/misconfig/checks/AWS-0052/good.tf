resource "aws_lb" "shop" {
  name                       = "shop"
  internal                   = true
  drop_invalid_header_fields = true
}

resource "aws_lb" "queue" {
  name               = "queue"
  internal           = true
  load_balancer_type = "network"
}

resource "aws_elb" "old" {
  name     = "old"
  internal = true
}
