resource "google_compute_firewall" "windows" {
  name          = "windows"
  network       = "main"
  source_ranges = ["35.235.240.0/20"]

  allow {
    protocol = "tcp"
    ports    = ["3389"]
  }
}

resource "google_compute_firewall" "web" {
  name          = "web"
  network       = "main"
  source_ranges = ["0.0.0.0/0"]

  allow {
    protocol = "tcp"
    ports    = ["443", "3390"]
  }

  allow {
    protocol = "udp"
    ports    = ["3389"]
  }
}
