resource "google_container_cluster" "main" {
  name               = "main"
  location           = "europe-west1"
  initial_node_count = 1

  master_auth {
    username = "admin" # vigie:expect
    password = "not-much-of-a-secret"
  }
}
