resource "nifcloud_load_balancer" "web" {
  load_balancer_name = "web"
  load_balancer_port = 443
  instance_port      = 443
  ssl_policy_name    = "Standard Ciphers D ver1"
}

resource "nifcloud_elb" "web" {
  elb_name          = "web"
  availability_zone = "jp-east-11"
  protocol          = "HTTPS"
  lb_port           = 443
  instance_port     = 80

  network_interface {
    network_id     = "net-COMMON_GLOBAL"
    is_vip_network = true
  }
}

resource "nifcloud_elb" "inside" {
  elb_name          = "inside"
  availability_zone = "jp-east-11"
  protocol          = "HTTP"
  lb_port           = 80
  instance_port     = 80

  network_interface {
    network_id     = "net-0a1b2c3d"
    is_vip_network = true
  }

  network_interface {
    network_id     = "net-COMMON_GLOBAL"
    is_vip_network = false
  }
}
