resource "azurerm_storage_account" "files" {
  name                     = "files"
  resource_group_name      = "web"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "GRS"
}

resource "azurerm_storage_account_network_rules" "files" {
  storage_account_id = azurerm_storage_account.files.id
  default_action     = "Deny"
  ip_rules           = ["100.0.0.1"]
}
