resource "azurerm_storage_account" "jobs" {
  name                     = "jobs"
  resource_group_name      = "web"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "GRS"
}

resource "azurerm_storage_account_queue_properties" "jobs" {
  storage_account_id = azurerm_storage_account.jobs.id

  logging {
    version = "1.0"
    delete  = true
    read    = true
    write   = true
  }
}

resource "azurerm_storage_queue" "mails" {
  name                 = "mails"
  storage_account_name = azurerm_storage_account.jobs.name
}
