resource "azurerm_storage_account" "files" {
  name                     = "files"
  resource_group_name      = "web"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "GRS"
  min_tls_version          = "TLS1_0" # vigie:expect
}
