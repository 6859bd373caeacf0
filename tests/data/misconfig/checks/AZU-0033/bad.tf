resource "azurerm_monitor_log_profile" "all" {
  name               = "all"
  categories         = ["Action"] # vigie:expect
  locations          = ["westeurope", "global"]
  storage_account_id = "/subscriptions/0/resourceGroups/logs/providers/Microsoft.Storage/storageAccounts/logs"

  retention_policy {
    enabled = true
    days    = 365
  }
}
