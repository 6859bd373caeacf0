resource "google_project_iam_binding" "impersonators" {
  project = "my-project"
  role    = "roles/iam.serviceAccountUser" # vigie:expect
  members = ["group:team@example.com"]
}
