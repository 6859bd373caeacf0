resource "google_storage_bucket" "files" { # vigie:expect
  name     = "files"
  location = "EU"
}
