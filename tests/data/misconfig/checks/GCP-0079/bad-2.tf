resource "google_project" "main" {
  name       = "main"
  project_id = "main"
}

resource "google_project_iam_audit_config" "main" { # vigie:expect
  project = google_project.main.project_id
  service = "allServices"

  audit_log_config {
    log_type = "ADMIN_READ"
  }

  audit_log_config {
    log_type = "DATA_READ"
  }
}

resource "google_project_iam_audit_config" "of_another_project" {
  project = "other"
  service = "storage.googleapis.com" # vigie:expect

  audit_log_config {
    log_type = "DATA_READ"
  }
}
