resource "nifcloud_vpn_gateway" "office" { # vigie:expect
  name              = "office"
  availability_zone = "jp-east-11"
  network_id        = "net-0a1b2c3d"
}
