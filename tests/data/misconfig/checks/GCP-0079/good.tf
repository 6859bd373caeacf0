resource "google_project" "main" {
  name       = "main"
  project_id = "main"
}

resource "google_project_iam_audit_config" "main" {
  project = google_project.main.project_id
  service = "allServices"

  audit_log_config {
    log_type = "ADMIN_READ"
  }

  audit_log_config {
    log_type = "DATA_READ"
  }

  audit_log_config {
    log_type = "DATA_WRITE"
  }
}

resource "google_project_iam_audit_config" "storage" {
  project = google_project.main.project_id
  service = "storage.googleapis.com"

  audit_log_config {
    log_type         = "DATA_READ"
    exempted_members = ["serviceAccount:scanner@my-project.iam.gserviceaccount.com"]
  }
}
