resource "google_folder" "apps" {
  display_name = "apps"
  parent       = "organizations/123456789012"
}

resource "google_service_account" "app" {
  account_id = "app"
}

resource "google_folder_iam_member" "app" {
  folder = google_folder.apps.name
  role   = "roles/viewer"
  member = google_service_account.app.member
}
