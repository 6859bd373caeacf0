resource "google_folder_iam_binding" "impersonators" {
  folder  = "folders/123456"
  role    = "roles/iam.serviceAccountTokenCreator" # vigie:expect
  members = ["group:team@example.com"]
}
