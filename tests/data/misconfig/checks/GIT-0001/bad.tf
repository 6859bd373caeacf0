resource "github_repository" "site" {
  name       = "site"
  visibility = "public" # vigie:expect
}
