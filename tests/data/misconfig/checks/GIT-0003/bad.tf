resource "github_repository" "site" {
  name                 = "site"
  visibility           = "private"
  vulnerability_alerts = false # vigie:expect
}
