resource "digitalocean_firewall" "web" {
  name = "web"
  tags = ["web"]

  outbound_rule {
    protocol              = "tcp"
    port_range            = "1-65535"
    destination_addresses = ["::/0"] # vigie:expect
  }
}
