resource "google_storage_bucket" "files" {
  name                        = "files"
  location                    = "EU"
  uniform_bucket_level_access = false # vigie:expect
}

resource "google_storage_bucket" "unsaid" { # vigie:expect
  name     = "unsaid"
  location = "EU"
}
