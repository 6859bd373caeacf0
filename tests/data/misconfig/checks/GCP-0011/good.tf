resource "google_service_account" "app" {
  account_id = "app"
}

resource "google_service_account_iam_member" "deployers" {
  service_account_id = google_service_account.app.name
  role               = "roles/iam.serviceAccountUser"
  member             = "group:team@example.com"
}

resource "google_project_iam_binding" "viewers" {
  project = "my-project"
  role    = "roles/viewer"
  members = ["group:team@example.com"]
}
