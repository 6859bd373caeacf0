resource "github_repository" "site" {
  name       = "site"
  visibility = "private"
}

resource "github_repository_vulnerability_alerts" "site" {
  repository = github_repository.site.name
}
