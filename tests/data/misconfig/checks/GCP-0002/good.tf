resource "google_storage_bucket" "files" {
  name                        = "files"
  location                    = "EU"
  uniform_bucket_level_access = true
}
