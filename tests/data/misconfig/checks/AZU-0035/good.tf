resource "azurerm_data_factory" "nightly" {
  name                   = "nightly"
  resource_group_name    = "data"
  location               = "westeurope"
  public_network_enabled = false
}
