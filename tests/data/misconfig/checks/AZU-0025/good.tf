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

resource "azurerm_mssql_server_extended_auditing_policy" "main" {
  server_id         = azurerm_mssql_server.main.id
  storage_endpoint  = "https://logs.blob.core.windows.net"
  retention_in_days = 90
}
