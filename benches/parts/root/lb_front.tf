resource "aws_lb" "front<N>" {
  name                       = substr("${local.prefix}-front-<N>", 0, 32)
  internal                   = <bool>
  load_balancer_type         = "application"
  drop_invalid_header_fields = <bool>
  subnets                    = [for zone, cidr in local.subnets : "subnet-${zone}"]
}

resource "aws_lb_listener" "front<N>" {
  for_each          = { http = 80, https = 443 }
  load_balancer_arn = aws_lb.front<N>.arn
  port              = each.value
  protocol          = upper(each.key)
  ssl_policy        = each.key == "https" ? "ELBSecurityPolicy-TLS13-1-2-2021-06" : null

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.front<N>.arn
  }
}

resource "aws_lb_target_group" "front<N>" {
  name     = "${local.prefix}-<N>"
  port     = <port>
  protocol = "HTTP"

  health_check {
    path    = "/health"
    matcher = "200-299"
  }
}
