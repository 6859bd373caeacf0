resource "azurerm_sql_server" "main" {
  name                         = "main"
  resource_group_name          = "data"
  location                     = "westeurope"
  version                      = "12.0"
  administrator_login          = "operator"
  administrator_login_password = var.password

  extended_auditing_policy {
    storage_endpoint  = "https://logs.blob.core.windows.net"
    retention_in_days = 20 # vigie:expect
  }
}

variable "password" {
  type      = string
  sensitive = true
}
