resource "google_compute_network" "main" {
  name                    = "main"
  auto_create_subnetworks = false
}

resource "google_compute_firewall" "web" {
  name          = "web"
  network       = google_compute_network.main.name
  source_ranges = ["10.10.0.0/16"]

  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}

resource "google_compute_firewall" "deny_all" {
  name          = "deny-all"
  network       = google_compute_network.main.name
  source_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }
}

resource "google_compute_firewall" "switched_off" {
  name          = "switched-off"
  network       = google_compute_network.main.name
  disabled      = true
  source_ranges = ["0.0.0.0/0"]

  allow {
    protocol = "all"
  }
}

resource "google_compute_firewall" "between_instances" {
  name        = "between-instances"
  network     = google_compute_network.main.name
  source_tags = ["web"]
  target_tags = ["database"]

  allow {
    protocol = "tcp"
    ports    = ["5432"]
  }
}
