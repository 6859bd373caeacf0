resource "nifcloud_elb" "web" {
  elb_name          = "web"
  availability_zone = "jp-east-11"
  protocol          = "HTTPS"
  lb_port           = 443
  instance_port     = 8080

  network_interface {
    network_id     = "net-0a1b2c3d"
    is_vip_network = true
  }
}
