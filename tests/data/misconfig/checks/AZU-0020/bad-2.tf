resource "azurerm_mariadb_server" "main" { # vigie:expect
  name                = "main"
  resource_group_name = "data"
  location            = "westeurope"
  sku_name            = "GP_Gen5_4"
  version             = "11"
}
