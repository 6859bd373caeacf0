resource "azurerm_mysql_flexible_server" "main" {
  name                = "main"
  resource_group_name = "data"
  location            = "westeurope"
  sku_name            = "GP_Gen5_4"
  version             = "11"
}

resource "azurerm_mysql_flexible_server_configuration" "main" {
  name                = "require_secure_transport"
  resource_group_name = "data"
  server_name         = azurerm_mysql_flexible_server.main.name
  value               = "OFF" # vigie:expect
}
