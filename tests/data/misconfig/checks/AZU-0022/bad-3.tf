resource "azurerm_mssql_server" "main" {
  name                          = "main"
  resource_group_name           = "data"
  location                      = "westeurope"
  sku_name                      = "GP_Gen5_4"
  version                       = "11"
  public_network_access_enabled = true # vigie:expect
}
