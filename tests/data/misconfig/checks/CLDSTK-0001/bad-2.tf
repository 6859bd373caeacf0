# export DATABASE_PASSWORD="SomeSortOfPassword", in Base64
resource "cloudstack_instance" "web" {
  name             = "web"
  service_offering = "small"
  network_id       = "6eb22f91-7454-4107-89f4-36afcdf33021"
  template         = "CentOS 9"
  zone             = "zone-1"
  user_data        = "ZXhwb3J0IERBVEFCQVNFX1BBU1NXT1JEPSJTb21lU29ydE9mUGFzc3dvcmQi" # vigie:expect
}
