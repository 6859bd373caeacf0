resource "azurerm_data_lake_store" "lake" {
  name                = "lake"
  resource_group_name = "data"
  location            = "westeurope"
  encryption_state    = "Disabled" # vigie:expect
}
