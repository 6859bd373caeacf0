resource "digitalocean_droplet" "web" { # vigie:expect
  name   = "web"
  image  = "debian-12-x64"
  region = "fra1"
  size   = "s-1vcpu-1gb"
}
