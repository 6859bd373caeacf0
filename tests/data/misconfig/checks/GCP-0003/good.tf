resource "google_project" "main" {
  name       = "main"
  project_id = "main"
  org_id     = "123456789012"
}

resource "google_project_iam_member" "team" {
  project = google_project.main.project_id
  role    = "roles/viewer"
  member  = "group:team@example.com"
}

resource "google_project_iam_binding" "team" {
  project = google_project.main.project_id
  role    = "roles/logging.viewer"
  members = ["group:team@example.com"]
}
