resource "azurerm_storage_account" "assets" {
  name                       = "assets"
  resource_group_name        = "web"
  location                   = "westeurope"
  account_tier               = "Standard"
  account_replication_type   = "GRS"
  https_traffic_only_enabled = false # vigie:expect
}
