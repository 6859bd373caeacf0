resource "google_project_iam_member" "jane" {
  project = "my-project"
  role    = "roles/viewer"
  member  = "user:jane.doe@gmail.com" # vigie:expect
}

variable "name" {}

resource "google_folder_iam_binding" "viewers" {
  folder  = "folders/123456"
  role    = "roles/viewer"
  members = ["user:jane@example.com", "user:${var.name}@Outlook.com"] # vigie:expect
}
