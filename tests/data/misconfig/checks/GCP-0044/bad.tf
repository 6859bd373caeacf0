resource "google_compute_instance" "app" {
  name         = "app"
  machine_type = "e2-medium"
  zone         = "europe-west1-b"

  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }

  network_interface {
    subnetwork = "apps"
  }

  service_account {
    email  = "123456789012-compute@developer.gserviceaccount.com" # vigie:expect
    scopes = ["cloud-platform"]
  }
}
