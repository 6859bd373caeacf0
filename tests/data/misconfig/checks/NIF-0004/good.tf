resource "nifcloud_security_group" "web" {
  group_name        = "web"
  availability_zone = "jp-east-11"
  description       = "Web servers"
}

resource "nifcloud_instance" "web" {
  instance_id       = "web"
  availability_zone = "jp-east-11"
  image_id          = "221"
  key_name          = "web"
  security_group    = nifcloud_security_group.web.group_name

  network_interface {
    network_id = "net-COMMON_GLOBAL"
  }
}
