resource "nifcloud_security_group" "web" {
  group_name        = "web"
  availability_zone = "jp-east-11"
  description       = "Web servers"
}

resource "nifcloud_security_group_rule" "https" {
  security_group_names = [nifcloud_security_group.web.group_name]
  type                 = "IN"
  description          = "HTTPS"
  protocol             = "TCP"
  from_port            = 443
  to_port              = 443
  cidr_ip              = "0.0.0.0/0" # vigie:expect
}

resource "nifcloud_security_group_rule" "of_another_group" {
  security_group_names = ["another"]
  type                 = "IN"
  description          = "HTTPS"
  protocol             = "TCP"
  from_port            = 443
  to_port              = 443
  cidr_ip              = "::/0" # vigie:expect
}
