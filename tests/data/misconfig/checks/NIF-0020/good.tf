resource "nifcloud_load_balancer" "web" {
  load_balancer_name = "web"
  load_balancer_port = 443
  instance_port      = 443
  ssl_policy_name    = "Standard Ciphers D ver1"
}

resource "nifcloud_load_balancer" "other" {
  load_balancer_name = "other"
  load_balancer_port = 5432
  instance_port      = 5432
}
