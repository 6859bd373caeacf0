resource "aws_lb" "shop" {
  name                       = "shop"
  internal                   = false # vigie:expect
  drop_invalid_header_fields = true
}

resource "aws_elb" "old" { # vigie:expect
  name = "old"
}
