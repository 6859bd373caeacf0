resource "google_container_node_pool" "main" {
  name    = "main"
  cluster = "main"

  management {
    auto_repair  = true
    auto_upgrade = true
  }
}
