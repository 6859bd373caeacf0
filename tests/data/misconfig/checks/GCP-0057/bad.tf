resource "google_container_cluster" "main" {
  name                     = "main"
  location                 = "europe-west1"
  remove_default_node_pool = true
  initial_node_count       = 1
}

resource "google_container_node_pool" "old" {
  name    = "old"
  cluster = google_container_cluster.main.id

  node_config {
    workload_metadata_config {
      node_metadata = "EXPOSE" # vigie:expect
    }
  }
}

resource "google_container_node_pool" "new" {
  name    = "new"
  cluster = google_container_cluster.main.id

  node_config {
    workload_metadata_config {
      mode = "GCE_METADATA" # vigie:expect
    }
  }
}

resource "google_container_node_pool" "unsaid" {
  name    = "unsaid"
  cluster = google_container_cluster.main.id

  node_config { # vigie:expect
    machine_type = "e2-medium"
  }
}
