resource "openstack_fw_rule_v1" "web" { # vigie:expect
  name             = "web"
  action           = "allow"
  protocol         = "tcp"
  destination_port = "22"
  enabled          = "true"
}
