resource "nifcloud_security_group" "web" {
  group_name        = "web"
  availability_zone = "jp-east-11"
  description       = "Web servers"
}

resource "nifcloud_security_group_rule" "https" {
  security_group_names = [nifcloud_security_group.web.group_name]
  type                 = "IN"
  description          = "HTTPS from the office"
  protocol             = "TCP"
  from_port            = 443
  to_port              = 443
  cidr_ip              = "10.0.0.0/16"
}

resource "nifcloud_security_group_rule" "out" {
  security_group_names = [nifcloud_security_group.web.group_name]
  type                 = "OUT"
  description          = "Updates"
  protocol             = "TCP"
  from_port            = 443
  to_port              = 443
  cidr_ip              = "0.0.0.0/0"
}
