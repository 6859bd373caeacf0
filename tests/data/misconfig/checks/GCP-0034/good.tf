resource "google_compute_disk" "data" {
  name = "data"
  type = "pd-ssd"
  zone = "europe-west1-b"

  disk_encryption_key {
    kms_key_self_link = "projects/p/locations/europe-west1/keyRings/disks/cryptoKeys/disks"
  }
}
