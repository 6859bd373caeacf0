resource "openstack_networking_secgroup_v2" "web" {
  name        = "web"
  description = "Web servers"
}

resource "openstack_networking_secgroup_rule_v2" "out" {
  direction         = "egress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  port_range_min    = 5432
  port_range_max    = 5432
  remote_ip_prefix  = "10.4.0.0/16"
  security_group_id = openstack_networking_secgroup_v2.web.id
}
