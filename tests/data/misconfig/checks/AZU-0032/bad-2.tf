resource "azurerm_monitor_log_profile" "all" { # vigie:expect
  name               = "all"
  categories         = ["Action", "Delete", "Write"]
  locations          = []
  storage_account_id = "/subscriptions/0/resourceGroups/logs/providers/Microsoft.Storage/storageAccounts/logs"
}
