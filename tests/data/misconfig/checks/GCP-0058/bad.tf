resource "google_container_node_pool" "main" {
  name    = "main"
  cluster = "main"

  management {
    auto_repair  = true
    auto_upgrade = false # vigie:expect
  }
}

resource "google_container_node_pool" "unsaid" { # vigie:expect
  name    = "unsaid"
  cluster = "main"
}
