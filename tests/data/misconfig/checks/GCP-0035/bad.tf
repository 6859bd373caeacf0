resource "google_compute_firewall" "out" {
  name               = "out"
  network            = "main"
  direction          = "EGRESS"
  destination_ranges = ["0.0.0.0/0"] # vigie:expect

  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}
