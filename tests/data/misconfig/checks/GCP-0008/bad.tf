data "google_organization" "this" {
  domain = "example.com"
}

resource "google_organization_iam_member" "compute" {
  org_id = data.google_organization.this.org_id
  role   = "roles/viewer"
  member = "serviceAccount:123456789012-compute@developer.gserviceaccount.com" # vigie:expect
}

resource "google_organization_iam_binding" "compute" {
  org_id  = "123456789012"
  role    = "roles/viewer"
  members = ["serviceAccount:123456789012-compute@developer.gserviceaccount.com"] # vigie:expect
}
