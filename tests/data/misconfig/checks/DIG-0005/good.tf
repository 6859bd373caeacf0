resource "digitalocean_kubernetes_cluster" "main" {
  name          = "main"
  region        = "fra1"
  version       = "1.34.1-do.0"
  auto_upgrade  = true
  surge_upgrade = true

  node_pool {
    name       = "main"
    size       = "s-2vcpu-2gb"
    node_count = 3
  }
}
