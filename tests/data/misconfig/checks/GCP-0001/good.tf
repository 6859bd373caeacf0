resource "google_storage_bucket" "files" {
  name     = "files"
  location = "EU"
}

resource "google_storage_bucket_iam_member" "team" {
  bucket = google_storage_bucket.files.name
  role   = "roles/storage.objectViewer"
  member = "group:team@example.com"
}

resource "google_storage_bucket_iam_binding" "writers" {
  bucket  = google_storage_bucket.files.name
  role    = "roles/storage.objectCreator"
  members = ["serviceAccount:importer@my-project.iam.gserviceaccount.com"]
}
