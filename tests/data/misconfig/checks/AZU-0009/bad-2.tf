resource "azurerm_storage_account" "jobs" { # vigie:expect
  name                     = "jobs"
  resource_group_name      = "web"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "GRS"
}

resource "azurerm_storage_queue" "mails" {
  name                 = "mails"
  storage_account_name = azurerm_storage_account.jobs.name
}
