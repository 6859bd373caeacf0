resource "github_repository" "site" {
  name       = "site"
  visibility = "private"
}

resource "github_repository" "tools" {
  name       = "tools"
  visibility = "internal"
}

resource "github_repository" "old" {
  name    = "old"
  private = true
}
