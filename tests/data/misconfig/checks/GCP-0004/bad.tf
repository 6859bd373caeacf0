resource "google_folder" "apps" {
  display_name = "apps"
  parent       = "organizations/123456789012"
}

resource "google_folder_iam_member" "compute" {
  folder = google_folder.apps.name
  role   = "roles/viewer"
  member = "serviceAccount:123456789012-compute@developer.gserviceaccount.com" # vigie:expect
}

data "google_compute_default_service_account" "default" {}

resource "google_folder_iam_binding" "found" {
  folder  = google_folder.apps.name
  role    = "roles/viewer"
  members = [data.google_compute_default_service_account.default.member] # vigie:expect
}
