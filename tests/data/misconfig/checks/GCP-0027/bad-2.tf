# No ranges and no tags: everybody. The second firewall of a network counts as much as the first.
resource "google_compute_network" "main" {
  name = "main"
}

resource "google_compute_firewall" "everything" { # vigie:expect
  name    = "everything"
  network = google_compute_network.main.id

  allow {
    protocol = "udp"
    ports    = ["5000"]
  }
}

resource "google_compute_firewall" "inside" {
  name          = "inside"
  network       = google_compute_network.main.id
  source_ranges = ["10.1.0.0/16"]

  allow {
    protocol = "icmp"
  }
}

resource "google_compute_firewall" "elsewhere" {
  name          = "elsewhere"
  network       = "a-network-of-somebody-else"
  source_ranges = ["::/0"] # vigie:expect

  allow {
    protocol = "tcp"
    ports    = ["8080"]
  }
}
