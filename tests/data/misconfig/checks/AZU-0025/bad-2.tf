resource "azurerm_mssql_server" "main" {
  name                         = "main"
  resource_group_name          = "data"
  location                     = "westeurope"
  version                      = "12.0"
  administrator_login          = "operator"
  administrator_login_password = var.password
}

variable "password" {
  type      = string
  sensitive = true
}

resource "azurerm_mssql_database" "shop" {
  name      = "shop"
  server_id = azurerm_mssql_server.main.id
}

resource "azurerm_mssql_database_extended_auditing_policy" "shop" {
  database_id       = azurerm_mssql_database.shop.id
  storage_endpoint  = "https://logs.blob.core.windows.net"
  retention_in_days = 30 # vigie:expect
}
