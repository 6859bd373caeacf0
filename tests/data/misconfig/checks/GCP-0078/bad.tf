resource "google_storage_bucket" "files" {
  name     = "files"
  location = "EU"

  versioning {
    enabled = false # vigie:expect
  }
}

resource "google_storage_bucket" "unsaid" { # vigie:expect
  name     = "unsaid"
  location = "EU"
}
