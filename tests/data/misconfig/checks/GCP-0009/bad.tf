resource "google_organization_iam_member" "impersonators" {
  org_id = "123456789012"
  role   = "roles/iam.serviceAccountUser" # vigie:expect
  member = "group:team@example.com"
}
