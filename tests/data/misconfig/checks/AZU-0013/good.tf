resource "azurerm_key_vault" "keys" {
  name                = "keys"
  resource_group_name = "web"
  location            = "westeurope"
  tenant_id           = "00000000-0000-0000-0000-000000000000"
  sku_name            = "standard"

  network_acls {
    bypass         = "AzureServices"
    default_action = "Deny"
  }
}
