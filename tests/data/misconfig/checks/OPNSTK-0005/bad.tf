resource "openstack_networking_secgroup_v2" "web" { # vigie:expect
  name = "web"
}
