resource "google_compute_firewall" "range" {
  name          = "range"
  network       = "main"
  source_ranges = ["10.0.0.0/16"]

  allow {
    protocol = "tcp"
    ports    = ["22", "8000-8100"] # vigie:expect
  }
}
