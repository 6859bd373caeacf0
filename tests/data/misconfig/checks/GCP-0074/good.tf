resource "google_compute_firewall" "range" {
  name          = "range"
  network       = "main"
  source_ranges = ["10.0.0.0/16"]

  allow {
    protocol = "tcp"
    ports    = ["22", "8000-8030"]
  }
}

resource "google_compute_firewall" "closed" {
  name          = "closed"
  network       = "main"
  source_ranges = ["10.0.0.0/16"]

  deny {
    protocol = "tcp"
    ports    = ["1024-65535"]
  }
}
