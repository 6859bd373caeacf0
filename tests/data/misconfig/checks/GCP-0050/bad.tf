resource "google_container_cluster" "main" {
  name               = "main"
  location           = "europe-west1"
  initial_node_count = 1

  node_config { # vigie:expect
    machine_type = "e2-medium"
  }
}

resource "google_container_node_pool" "of_another_cluster" {
  name    = "of-another-cluster"
  cluster = "projects/p/locations/europe-west1/clusters/other"

  node_config { # vigie:expect
    machine_type = "e2-medium"
  }
}
