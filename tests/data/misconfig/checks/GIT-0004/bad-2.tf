resource "github_branch_protection" "main" { # vigie:expect
  repository_id = "site"
  pattern       = "main"
}
