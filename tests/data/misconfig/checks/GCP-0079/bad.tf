resource "google_project" "main" { # vigie:expect
  name       = "main"
  project_id = "main"
}
