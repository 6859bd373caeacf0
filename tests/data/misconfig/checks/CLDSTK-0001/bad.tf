resource "cloudstack_instance" "web" {
  name             = "web"
  service_offering = "small"
  network_id       = "6eb22f91-7454-4107-89f4-36afcdf33021"
  template         = "CentOS 9"
  zone             = "zone-1"
  user_data        = "export DATABASE_PASSWORD=\"SomeSortOfPassword\"" # vigie:expect
}
