resource "azurerm_storage_account" "assets" {
  name                      = "assets"
  resource_group_name       = "web"
  location                  = "westeurope"
  account_tier              = "Standard"
  account_replication_type  = "GRS"
  enable_https_traffic_only = false # vigie:expect
}
