resource "azurerm_postgresql_server" "main" {
  name                    = "main"
  resource_group_name     = "data"
  location                = "westeurope"
  sku_name                = "GP_Gen5_4"
  version                 = "11"
  ssl_enforcement_enabled = false # vigie:expect
}
