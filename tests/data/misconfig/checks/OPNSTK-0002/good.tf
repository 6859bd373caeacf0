resource "openstack_fw_rule_v1" "web" {
  name                   = "web"
  action                 = "allow"
  protocol               = "tcp"
  source_ip_address      = "10.10.10.2"
  destination_ip_address = "10.10.10.1"
  destination_port       = "22"
  enabled                = "true"
}

resource "openstack_fw_rule_v1" "asleep" {
  name     = "asleep"
  action   = "allow"
  protocol = "tcp"
  enabled  = "false"
}

resource "openstack_fw_rule_v1" "rest" {
  name     = "rest"
  action   = "deny"
  protocol = "tcp"
}
