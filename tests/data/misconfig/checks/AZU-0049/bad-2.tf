resource "azurerm_network_watcher_flow_log" "web" {
  name                 = "web"
  network_watcher_name = "watcher"
  resource_group_name  = "web"
  target_resource_id   = "/subscriptions/0/resourceGroups/web/providers/Microsoft.Network/networkSecurityGroups/web"
  storage_account_id   = "/subscriptions/0/resourceGroups/web/providers/Microsoft.Storage/storageAccounts/logs"
  enabled              = true

  retention_policy {
    enabled = false # vigie:expect
    days    = 90
  }
}
