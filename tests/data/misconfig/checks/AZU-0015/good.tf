resource "azurerm_key_vault_secret" "database" {
  name         = "database"
  key_vault_id = azurerm_key_vault.secrets.id
  value        = var.password
  content_type = "password"
}

resource "azurerm_key_vault" "secrets" {
  name                = "secrets"
  resource_group_name = "web"
  location            = "westeurope"
  tenant_id           = "00000000-0000-0000-0000-000000000000"
  sku_name            = "standard"
}

variable "password" {
  type      = string
  sensitive = true
}
