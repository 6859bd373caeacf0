resource "openstack_compute_instance_v2" "web" {
  name       = "web"
  image_name = "debian-12"
  flavor_id  = "3"
  admin_pass = "N0tSoSecret!" # vigie:expect
}
