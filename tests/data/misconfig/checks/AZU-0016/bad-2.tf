resource "azurerm_key_vault" "keys" {
  name                       = "keys"
  resource_group_name        = "web"
  location                   = "westeurope"
  tenant_id                  = "00000000-0000-0000-0000-000000000000"
  sku_name                   = "standard"
  soft_delete_retention_days = 3 # vigie:expect
  purge_protection_enabled   = true
}
