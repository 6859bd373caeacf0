resource "google_service_account" "app" {
  account_id = "app"
}

resource "google_project_iam_member" "app" {
  project = "my-project"
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${google_service_account.app.email}"
}

resource "google_project_iam_member" "admins" {
  project = "my-project"
  role    = "roles/storage.admin"
  member  = "group:admins@example.com"
}
