resource "azurerm_storage_account" "files" { # vigie:expect
  name                     = "files"
  resource_group_name      = "web"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "GRS"
}
