resource "azurerm_storage_account" "jobs" {
  name                     = "jobs"
  resource_group_name      = "web"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "GRS"

  queue_properties {
    logging { # vigie:expect
      delete  = false
      read    = false
      write   = false
      version = "1.0"
    }
  }
}

resource "azurerm_storage_queue" "mails" {
  name                 = "mails"
  storage_account_name = azurerm_storage_account.jobs.name
}
