resource "google_compute_firewall" "inside" {
  name          = "inside"
  network       = "main"
  source_ranges = ["10.0.0.0/16"]

  allow {
    protocol = "tcp"
    ports    = ["443", "8443"]
  }

  allow {
    protocol = "icmp"
  }
}
