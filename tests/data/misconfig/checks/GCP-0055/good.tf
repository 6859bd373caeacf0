resource "google_container_cluster" "main" {
  name               = "main"
  location           = "europe-west1"
  initial_node_count = 1
}

# A pool of a cluster that is made elsewhere says nothing of that cluster.
resource "google_container_node_pool" "elsewhere" {
  name    = "elsewhere"
  cluster = "projects/p/locations/europe-west1/clusters/other"
}
