resource "google_organization_iam_member" "app" {
  org_id = "123456789012"
  role   = "roles/viewer"
  member = "serviceAccount:app@my-project.iam.gserviceaccount.com"
}
