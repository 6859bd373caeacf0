resource "google_container_cluster" "main" {
  name     = "main"
  location = "europe-west1"

  node_config {
    image_type = "UBUNTU_CONTAINERD" # vigie:expect
  }
}

resource "google_container_node_pool" "main" {
  name    = "main"
  cluster = google_container_cluster.main.id

  node_config {
    image_type = "WINDOWS_LTSC_CONTAINERD" # vigie:expect
  }
}
