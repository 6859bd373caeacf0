resource "azurerm_function_app" "mails" { # vigie:expect
  name                       = "mails"
  resource_group_name        = "web"
  location                   = "westeurope"
  storage_account_name       = "mails"
  storage_account_access_key = var.key
  service_plan_id            = var.plan

  site_config {}
}

variable "key" {
  type      = string
  sensitive = true
}

variable "plan" {
  type = string
}
