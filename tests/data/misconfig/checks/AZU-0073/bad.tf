resource "azurerm_network_watcher_flow_log" "web" {
  name                 = "web"
  network_watcher_name = "watcher"
  resource_group_name  = "web"
  target_resource_id   = "/subscriptions/0/resourceGroups/web/providers/Microsoft.Network/networkSecurityGroups/web"
  storage_account_id   = "/subscriptions/0/resourceGroups/web/providers/Microsoft.Storage/storageAccounts/logs"
  enabled              = false # vigie:expect

  retention_policy {
    enabled = true
    days    = 90
  }
}
