data "digitalocean_ssh_key" "admin" {
  name = "admin"
}

resource "digitalocean_droplet" "web" {
  name     = "web"
  image    = "debian-12-x64"
  region   = "fra1"
  size     = "s-1vcpu-1gb"
  ssh_keys = [data.digitalocean_ssh_key.admin.id]
}
