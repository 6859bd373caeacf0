resource "google_compute_firewall" "inside" {
  name          = "inside"
  network       = "main"
  source_ranges = ["10.128.4.0/24"]

  allow {
    protocol = "tcp"
    ports    = ["80"]
  }
}
