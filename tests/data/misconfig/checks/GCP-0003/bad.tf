resource "google_project_iam_member" "jane" {
  project = "my-project"
  role    = "roles/viewer"
  member  = "user:jane@example.com" # vigie:expect
}

resource "google_folder" "apps" {
  display_name = "apps"
  parent       = "organizations/123456789012"
}

resource "google_folder_iam_binding" "viewers" {
  folder  = google_folder.apps.name
  role    = "roles/viewer"
  members = ["group:team@example.com", "user:jane@example.com"] # vigie:expect
}

data "google_organization" "this" {
  domain = "example.com"
}

resource "google_organization_iam_member" "jane" {
  org_id = data.google_organization.this.org_id
  role   = "roles/viewer"
  member = "user:jane@example.com" # vigie:expect
}

variable "name" {}

resource "google_pubsub_topic_iam_member" "somebody" {
  topic  = "events"
  role   = "roles/pubsub.publisher"
  member = "user:${var.name}@example.com" # vigie:expect
}
