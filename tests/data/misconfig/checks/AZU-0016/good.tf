resource "azurerm_key_vault" "keys" {
  name                       = "keys"
  resource_group_name        = "web"
  location                   = "westeurope"
  tenant_id                  = "00000000-0000-0000-0000-000000000000"
  sku_name                   = "standard"
  soft_delete_retention_days = 7
  purge_protection_enabled   = true
}

# Without a number of days they are 90.
resource "azurerm_key_vault" "default" {
  name                     = "default"
  resource_group_name      = "web"
  location                 = "westeurope"
  tenant_id                = "00000000-0000-0000-0000-000000000000"
  sku_name                 = "standard"
  purge_protection_enabled = true
}
