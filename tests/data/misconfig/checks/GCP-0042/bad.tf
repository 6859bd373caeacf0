resource "google_compute_project_metadata" "project" {
  metadata = { # vigie:expect
    enable-oslogin = false
  }
}
