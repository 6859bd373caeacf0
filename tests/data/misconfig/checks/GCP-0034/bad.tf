resource "google_compute_disk" "data" { # vigie:expect
  name = "data"
  type = "pd-ssd"
  zone = "europe-west1-b"
}
