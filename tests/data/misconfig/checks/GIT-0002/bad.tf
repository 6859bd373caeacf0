resource "github_actions_environment_secret" "token" {
  repository      = "site"
  environment     = "production"
  secret_name     = "TOKEN"
  plaintext_value = "sekrit" # vigie:expect
}
