resource "nifcloud_router" "main" {
  name              = "main"
  availability_zone = "jp-east-11"
  security_group    = "router"

  network_interface {
    network_id = "net-COMMON_GLOBAL"
  }
}
