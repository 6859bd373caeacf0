resource "google_kms_key_ring" "main" {
  name     = "main"
  location = "europe-west1"
}

resource "google_kms_crypto_key" "main" {
  name            = "main"
  key_ring        = google_kms_key_ring.main.id
  rotation_period = "7776000s"
}
