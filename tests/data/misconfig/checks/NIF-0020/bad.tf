resource "nifcloud_load_balancer" "web" { # vigie:expect
  load_balancer_name = "web"
  load_balancer_port = 443
  instance_port      = 443
}

resource "nifcloud_load_balancer_listener" "old" {
  load_balancer_name = nifcloud_load_balancer.web.load_balancer_name
  load_balancer_port = 443
  instance_port      = 8443
  ssl_policy_name    = "Standard Ciphers A ver1" # vigie:expect
}

resource "nifcloud_load_balancer_listener" "of_another_one" {
  load_balancer_name = "another"
  load_balancer_port = 443
  instance_port      = 8443
  ssl_policy_id      = "5" # vigie:expect
}
