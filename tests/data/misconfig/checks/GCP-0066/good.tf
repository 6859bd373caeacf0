resource "google_kms_crypto_key" "files" {
  name            = "files"
  key_ring        = "projects/p/locations/europe-west1/keyRings/main"
  rotation_period = "7776000s"
}

resource "google_storage_bucket" "files" {
  name     = "files"
  location = "EU"

  encryption {
    default_kms_key_name = google_kms_crypto_key.files.id
  }
}
