resource "azurerm_postgresql_server" "main" {
  name                = "main"
  resource_group_name = "data"
  location            = "westeurope"
  sku_name            = "GP_Gen5_4"
  version             = "11"
}

resource "azurerm_postgresql_configuration" "main" {
  name                = "log_connections"
  resource_group_name = "data"
  server_name         = azurerm_postgresql_server.main.name
  value               = "on"
}
