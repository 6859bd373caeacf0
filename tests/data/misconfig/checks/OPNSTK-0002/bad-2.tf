resource "openstack_fw_rule_v1" "web" {
  name                   = "web"
  action                 = "allow"
  protocol               = "tcp"
  source_ip_address      = "8.8.8.0/24" # vigie:expect
  destination_ip_address = "10.10.10.1"
  destination_port       = "22"
}
