resource "azurerm_storage_account" "files" {
  name                     = "files"
  resource_group_name      = "web"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "GRS"

  network_rules {
    default_action = "Deny"
    ip_rules       = ["100.0.0.1"]
    bypass         = ["Metrics"] # vigie:expect
  }
}
