resource "google_compute_firewall" "default_allow_internal" {
  name          = "default-allow-internal"
  network       = "default"
  source_ranges = ["10.128.0.0/9"] # vigie:expect

  allow {
    protocol = "tcp"
    ports    = ["80"]
  }
}
