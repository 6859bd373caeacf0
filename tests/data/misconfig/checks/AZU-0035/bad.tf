resource "azurerm_data_factory" "nightly" { # vigie:expect
  name                = "nightly"
  resource_group_name = "data"
  location            = "westeurope"
}
