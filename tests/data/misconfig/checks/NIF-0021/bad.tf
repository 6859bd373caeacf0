resource "nifcloud_load_balancer" "web" {
  load_balancer_name = "web"
  load_balancer_port = 80 # vigie:expect
  instance_port      = 80
}

resource "nifcloud_elb" "web" {
  elb_name          = "web"
  availability_zone = "jp-east-11"
  protocol          = "HTTP" # vigie:expect
  lb_port           = 80
  instance_port     = 80

  network_interface {
    network_id     = "net-COMMON_GLOBAL"
    is_vip_network = true
  }
}

resource "nifcloud_elb_listener" "more" {
  elb_id        = nifcloud_elb.web.id
  protocol      = "HTTP" # vigie:expect
  lb_port       = 8080
  instance_port = 8080
}
