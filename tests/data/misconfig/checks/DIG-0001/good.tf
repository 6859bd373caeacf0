resource "digitalocean_firewall" "web" {
  name = "web"
  tags = ["web"]

  inbound_rule {
    protocol         = "tcp"
    port_range       = "22"
    source_addresses = ["192.168.1.0/24", "fc00::/7"]
  }
}
