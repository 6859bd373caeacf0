resource "google_compute_instance" "app" {
  name         = "app"
  machine_type = "e2-medium"
  zone         = "europe-west1-b"

  boot_disk { # vigie:expect
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }

  attached_disk { # vigie:expect
    source = "data"
  }

  network_interface {
    subnetwork = "apps"
  }
}
