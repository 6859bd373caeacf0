resource "nifcloud_instance" "web" { # vigie:expect
  instance_id       = "web"
  availability_zone = "jp-east-11"
  image_id          = "221"
  key_name          = "web"

  network_interface {
    network_id = "net-COMMON_GLOBAL"
  }
}
