resource "google_compute_disk" "data" {
  name = "data"
  zone = "europe-west1-b"

  disk_encryption_key {
    raw_key = "c29tZXRoaW5nIHRoYXQgaXMgbm8gc2VjcmV0IGFueSE=" # vigie:expect
  }
}

resource "google_compute_instance" "app" {
  name         = "app"
  machine_type = "e2-medium"
  zone         = "europe-west1-b"

  boot_disk {
    disk_encryption_key_raw = "c29tZXRoaW5nIHRoYXQgaXMgbm8gc2VjcmV0IGFueSE=" # vigie:expect

    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }

  network_interface {
    subnetwork = "apps"
  }
}
