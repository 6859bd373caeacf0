resource "azurerm_mssql_server" "main" { # vigie:expect
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
