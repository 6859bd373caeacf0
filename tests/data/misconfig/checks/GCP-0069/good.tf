resource "google_project_iam_member" "jane" {
  project = "my-project"
  role    = "roles/viewer"
  member  = "user:jane.doe@example.com"
}

resource "google_project_iam_member" "mail" {
  project = "my-project"
  role    = "roles/viewer"
  member  = "group:all@mail.com"
}
