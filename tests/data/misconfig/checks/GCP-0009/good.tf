resource "google_organization_iam_member" "viewers" {
  org_id = "123456789012"
  role   = "roles/viewer"
  member = "group:team@example.com"
}
