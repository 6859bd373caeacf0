resource "nifcloud_security_group_rule" "https" { # vigie:expect
  security_group_names = ["web"]
  type                 = "IN"
  protocol             = "TCP"
  from_port            = 443
  to_port              = 443
  cidr_ip              = "10.0.0.0/16"
}

resource "nifcloud_security_group_rule" "out" {
  security_group_names = ["web"]
  type                 = "OUT"
  description          = "" # vigie:expect
  protocol             = "ANY"
  cidr_ip              = "10.0.0.0/16"
}
