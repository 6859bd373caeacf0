resource "random_id" "suffix" {
  byte_length = 4
}

resource "google_storage_bucket" "logs" {
  name     = "logs-${random_id.suffix.hex}"
  location = "EU"
}

resource "google_storage_bucket" "files" {
  name     = "files"
  location = "EU"

  logging {
    log_bucket = google_storage_bucket.logs.name
  }
}
