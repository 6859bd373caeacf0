resource "openstack_networking_secgroup_v2" "web" {
  name        = "web"
  description = "Web servers"
}

resource "openstack_networking_secgroup_rule_v2" "web" {
  direction         = "ingress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  port_range_min    = 22
  port_range_max    = 22
  remote_ip_prefix  = "0.0.0.0/0" # vigie:expect
  security_group_id = openstack_networking_secgroup_v2.web.id
}
