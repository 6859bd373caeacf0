resource "google_folder_iam_binding" "viewers" {
  folder  = "folders/123456"
  role    = "roles/viewer"
  members = ["group:team@example.com"]
}
