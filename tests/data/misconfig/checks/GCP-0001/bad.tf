resource "google_storage_bucket" "files" {
  name     = "files"
  location = "EU"
}

resource "google_storage_bucket_iam_member" "everybody" {
  bucket = google_storage_bucket.files.name
  role   = "roles/storage.objectViewer"
  member = "allUsers" # vigie:expect
}

resource "google_storage_bucket_iam_binding" "of_another_bucket" {
  bucket  = "a-bucket-of-another-project"
  role    = "roles/storage.objectViewer"
  members = ["group:team@example.com", "allAuthenticatedUsers"] # vigie:expect
}
