resource "digitalocean_firewall" "web" {
  name = "web"
  tags = ["web"]

  outbound_rule {
    protocol              = "tcp"
    port_range            = "5432"
    destination_addresses = ["10.10.0.0/16"]
  }
}
