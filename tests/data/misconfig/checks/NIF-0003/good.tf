resource "nifcloud_security_group_rule" "https" {
  security_group_names = ["web"]
  type                 = "IN"
  description          = "HTTPS from the office"
  protocol             = "TCP"
  from_port            = 443
  to_port              = 443
  cidr_ip              = "10.0.0.0/16"
}
