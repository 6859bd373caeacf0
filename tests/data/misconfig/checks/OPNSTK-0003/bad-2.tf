variable "group" {
  type = string
}

resource "openstack_networking_secgroup_rule_v2" "web" {
  direction         = "ingress"
  ethertype         = "IPv6"
  remote_ip_prefix  = "2600::/16" # vigie:expect
  security_group_id = var.group
}
