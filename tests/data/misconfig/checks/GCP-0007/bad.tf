resource "google_service_account" "app" {
  account_id = "app"
}

resource "google_project_iam_member" "owner" {
  project = "my-project"
  role    = "roles/owner"
  member  = "serviceAccount:${google_service_account.app.email}" # vigie:expect
}

resource "google_storage_bucket_iam_binding" "admins" {
  bucket  = "files"
  role    = "roles/storage.objectAdmin"
  members = [google_service_account.app.member] # vigie:expect
}
