resource "azurerm_key_vault_secret" "database" { # vigie:expect
  name         = "database"
  key_vault_id = "/subscriptions/0/resourceGroups/web/providers/Microsoft.KeyVault/vaults/secrets"
  value        = var.password
  content_type = "password"
}

variable "password" {
  type      = string
  sensitive = true
}
