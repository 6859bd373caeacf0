resource "google_container_cluster" "main" {
  name     = "main"
  location = "europe-west1"

  node_config {
    metadata = { # vigie:expect
      disable-legacy-endpoints = false
    }
  }
}
