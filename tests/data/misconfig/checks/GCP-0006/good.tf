resource "google_project" "main" {
  name       = "main"
  project_id = "main"
}

resource "google_service_account" "app" {
  account_id = "app"
}

resource "google_project_iam_member" "app" {
  project = google_project.main.project_id
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${google_service_account.app.email}"
}
