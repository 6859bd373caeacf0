resource "github_branch_protection" "main" {
  repository_id          = "site"
  pattern                = "main"
  require_signed_commits = false # vigie:expect
}
