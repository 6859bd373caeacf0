resource "azurerm_mssql_server" "main" {
  name                         = "main"
  resource_group_name          = "data"
  location                     = "westeurope"
  version                      = "12.0"
  administrator_login          = "operator"
  administrator_login_password = var.password
  minimum_tls_version          = "1.2"
}

variable "password" {
  type      = string
  sensitive = true
}
