resource "digitalocean_firewall" "web" {
  name        = "web"
  droplet_ids = [digitalocean_droplet.web.id]

  inbound_rule {
    protocol         = "tcp"
    port_range       = "22"
    source_addresses = ["0.0.0.0/0", "::/0"] # vigie:expect
  }
}

resource "digitalocean_droplet" "web" {
  name     = "web"
  image    = "debian-12-x64"
  region   = "fra1"
  size     = "s-1vcpu-1gb"
  ssh_keys = ["12345"]
}
