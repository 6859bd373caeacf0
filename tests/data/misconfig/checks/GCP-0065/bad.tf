resource "google_kms_key_ring" "main" {
  name     = "main"
  location = "europe-west1"
}

resource "google_kms_crypto_key" "main" {
  name            = "main"
  key_ring        = google_kms_key_ring.main.id
  rotation_period = "15552000s" # vigie:expect
}

resource "google_kms_crypto_key" "in_another_ring" {
  name            = "in-another-ring"
  key_ring        = "projects/p/locations/europe-west1/keyRings/other"
  rotation_period = "7776001s" # vigie:expect
}
