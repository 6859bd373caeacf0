resource "google_compute_firewall" "inside" {
  name          = "inside"
  network       = "main"
  source_ranges = ["10.0.0.0/16"]

  allow {
    protocol = "tcp"
    ports    = ["0-65535"] # vigie:expect
  }

  allow { # vigie:expect
    protocol = "udp"
  }
}

resource "google_compute_firewall" "out" {
  name               = "out"
  network            = "main"
  direction          = "EGRESS"
  destination_ranges = ["10.0.0.0/16"]

  allow {
    protocol = "all" # vigie:expect
  }
}
