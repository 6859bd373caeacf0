resource "github_repository" "site" {
  name                 = "site"
  visibility           = "private"
  vulnerability_alerts = true
}

resource "github_repository" "old" {
  name       = "old"
  visibility = "private"
  archived   = true
}
