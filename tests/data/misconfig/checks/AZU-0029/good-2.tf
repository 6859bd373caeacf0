resource "azurerm_mariadb_server" "main" {
  name                = "main"
  resource_group_name = "data"
  location            = "westeurope"
  sku_name            = "GP_Gen5_4"
  version             = "11"
}

resource "azurerm_mariadb_firewall_rule" "office" {
  name             = "office"
  server_name      = azurerm_mariadb_server.main.name
  start_ip_address = "40.112.8.12"
  end_ip_address   = "40.112.8.12"
}
