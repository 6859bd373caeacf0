resource "google_compute_firewall" "windows" {
  name          = "windows"
  network       = "main"
  source_ranges = ["0.0.0.0/0"] # vigie:expect

  allow {
    protocol = "tcp"
    ports    = ["443", "3380-3390"]
  }
}
