resource "nifcloud_router" "main" { # vigie:expect
  name              = "main"
  availability_zone = "jp-east-11"

  network_interface {
    network_id = "net-COMMON_GLOBAL"
  }
}
