# All protocols, and TCP without ports, take in port 22.
resource "google_compute_firewall" "all" {
  name          = "all"
  network       = "main"
  source_ranges = ["0.0.0.0/0"] # vigie:expect

  allow {
    protocol = "all"
  }
}

resource "google_compute_firewall" "tcp" {
  name          = "tcp"
  network       = "main"
  source_ranges = ["::/0"] # vigie:expect

  allow {
    protocol = "tcp"
  }
}
