resource "azurerm_kubernetes_cluster" "apps" {
  name                = "apps"
  resource_group_name = "web"
  location            = "westeurope"
  dns_prefix          = "apps"

  default_node_pool {
    name       = "default"
    node_count = 2
    vm_size    = "Standard_D2s_v5"
  }

  addon_profile {
    oms_agent {
      enabled                    = true
      log_analytics_workspace_id = "/subscriptions/0/resourceGroups/web/providers/Microsoft.OperationalInsights/workspaces/logs"
    }
  }
}
