resource "nifcloud_elb" "web" {
  elb_name          = "web"
  availability_zone = "jp-east-11"
  protocol          = "HTTP" # vigie:expect
  lb_port           = 80
  instance_port     = 80

  network_interface {
    network_id = "net-COMMON_GLOBAL"
  }
}
