resource "azurerm_key_vault_secret" "database" {
  name            = "database"
  key_vault_id    = "/subscriptions/0/resourceGroups/web/providers/Microsoft.KeyVault/vaults/secrets"
  value           = var.password
  content_type    = "password"
  expiration_date = "2027-12-31T00:00:00Z"
}

resource "azurerm_key_vault_secret" "rotated" {
  name            = "rotated"
  key_vault_id    = "/subscriptions/0/resourceGroups/web/providers/Microsoft.KeyVault/vaults/secrets"
  value           = var.password
  expiration_date = "2028-${format("%02d", 1)}-01T00:00:00Z"
}

variable "password" {
  type      = string
  sensitive = true
}
