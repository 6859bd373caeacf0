resource "azurerm_mysql_flexible_server" "main" {
  name                = "main"
  resource_group_name = "data"
  location            = "westeurope"
  sku_name            = "GP_Gen5_4"
  version             = "11"
}

resource "azurerm_mysql_flexible_server_firewall_rule" "office" {
  name             = "office"
  server_name      = azurerm_mysql_flexible_server.main.name
  start_ip_address = "10.0.0.1"
  end_ip_address   = "192.168.0.1" # vigie:expect
}
