resource "azurerm_postgresql_flexible_server" "main" {
  name                = "main"
  resource_group_name = "data"
  location            = "westeurope"
  sku_name            = "GP_Gen5_4"
  version             = "11"
}

resource "azurerm_postgresql_flexible_server_configuration" "main" {
  name      = "log_checkpoints"
  server_id = azurerm_postgresql_flexible_server.main.id
  value     = "OFF" # vigie:expect
}
