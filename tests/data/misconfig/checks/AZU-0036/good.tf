resource "azurerm_data_lake_store" "lake" {
  name                = "lake"
  resource_group_name = "data"
  location            = "westeurope"
  encryption_state    = "Enabled"
  encryption_type     = "ServiceManaged"
}

resource "azurerm_data_lake_store" "default" {
  name                = "default"
  resource_group_name = "data"
  location            = "westeurope"
}
