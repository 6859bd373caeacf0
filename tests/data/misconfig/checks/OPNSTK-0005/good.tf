resource "openstack_networking_secgroup_v2" "web" {
  name        = "web"
  description = "Web servers, reached by the load balancer only"
}
