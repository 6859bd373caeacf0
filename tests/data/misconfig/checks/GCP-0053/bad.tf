resource "google_container_cluster" "main" {
  name     = "main"
  location = "europe-west1"

  master_authorized_networks_config {
    cidr_blocks {
      cidr_block   = "10.1.0.0/24"
      display_name = "office"
    }

    cidr_blocks {
      cidr_block   = "0.0.0.0/0" # vigie:expect
      display_name = "everybody"
    }
  }
}
