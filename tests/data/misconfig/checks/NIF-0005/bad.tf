resource "nifcloud_instance" "web" {
  instance_id       = "web"
  availability_zone = "jp-east-11"
  image_id          = "221"
  security_group    = "web"

  network_interface {
    network_id = "net-COMMON_GLOBAL"
  }

  network_interface {
    network_id = "net-COMMON_PRIVATE" # vigie:expect
  }
}
