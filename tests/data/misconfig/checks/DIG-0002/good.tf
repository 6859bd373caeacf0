resource "digitalocean_loadbalancer" "web" {
  name   = "web"
  region = "fra1"

  forwarding_rule {
    entry_port       = 443
    entry_protocol   = "https"
    target_port      = 80
    target_protocol  = "http"
    certificate_name = "web"
  }
}

resource "digitalocean_loadbalancer" "redirecting" {
  name                   = "redirecting"
  region                 = "fra1"
  redirect_http_to_https = true

  forwarding_rule {
    entry_port      = 80
    entry_protocol  = "http"
    target_port     = 80
    target_protocol = "http"
  }
}
