resource "azurerm_storage_account" "assets" {
  name                     = "assets"
  resource_group_name      = "web"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "GRS"
}

resource "azurerm_storage_container" "images" {
  name                  = "images"
  storage_account_name  = azurerm_storage_account.assets.name
  container_access_type = "private"
}

resource "azurerm_storage_container" "drafts" {
  name               = "drafts"
  storage_account_id = azurerm_storage_account.assets.id
}
