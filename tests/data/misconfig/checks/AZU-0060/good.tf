resource "azurerm_storage_account" "files" {
  name                     = "files"
  resource_group_name      = "web"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "GRS"
}

resource "azurerm_storage_container" "reports" {
  name               = "reports"
  storage_account_id = azurerm_storage_account.files.id
}

resource "azurerm_key_vault" "keys" {
  name                = "keys"
  resource_group_name = "web"
  location            = "westeurope"
  tenant_id           = "00000000-0000-0000-0000-000000000000"
  sku_name            = "standard"
}

resource "azurerm_storage_account_customer_managed_key" "files" {
  storage_account_id = azurerm_storage_account.files.id
  key_vault_id       = azurerm_key_vault.keys.id
  key_name           = "files"
}
