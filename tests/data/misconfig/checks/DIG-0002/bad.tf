resource "digitalocean_loadbalancer" "web" {
  name   = "web"
  region = "fra1"

  forwarding_rule {
    entry_port      = 80
    entry_protocol  = "http" # vigie:expect
    target_port     = 80
    target_protocol = "http"
  }
}
