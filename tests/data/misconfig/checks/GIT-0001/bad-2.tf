resource "github_repository" "site" { # vigie:expect
  name = "site"
}
