resource "google_storage_bucket" "files" { # vigie:expect
  name     = "files"
  location = "EU"
}

resource "google_storage_bucket" "others" {
  name     = "others"
  location = "EU"

  logging {
    log_bucket = "a-bucket-for-logs"
  }
}
