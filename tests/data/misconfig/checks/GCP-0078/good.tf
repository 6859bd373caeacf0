resource "google_storage_bucket" "files" {
  name     = "files"
  location = "EU"

  versioning {
    enabled = true
  }
}
