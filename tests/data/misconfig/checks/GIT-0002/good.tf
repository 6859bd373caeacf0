resource "github_actions_environment_secret" "token" {
  repository      = "site"
  environment     = "production"
  secret_name     = "TOKEN"
  encrypted_value = var.token
}

variable "token" {
  type = string
}
