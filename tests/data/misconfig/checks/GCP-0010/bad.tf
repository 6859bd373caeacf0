resource "google_project" "main" { # vigie:expect
  name       = "main"
  project_id = "main"
  org_id     = "123456789012"
}

resource "google_project" "other" {
  name                = "other"
  project_id          = "other"
  org_id              = "123456789012"
  auto_create_network = true # vigie:expect
}
