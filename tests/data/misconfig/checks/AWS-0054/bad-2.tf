# The load balancer stands in another project.
resource "aws_lb_listener" "http" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/1"
  protocol          = "HTTP" # vigie:expect
  port              = 80

  default_action {
    type = "fixed-response"
  }
}
