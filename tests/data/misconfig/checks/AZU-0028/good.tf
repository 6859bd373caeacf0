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

resource "azurerm_mssql_server_security_alert_policy" "main" {
  resource_group_name = "data"
  server_name         = azurerm_mssql_server.main.name
  state               = "Enabled"
  email_addresses     = ["security@example.com"]
  disabled_alerts     = []
}
