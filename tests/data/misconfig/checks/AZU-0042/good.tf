resource "azurerm_kubernetes_cluster" "apps" {
  name                              = "apps"
  resource_group_name               = "web"
  location                          = "westeurope"
  dns_prefix                        = "apps"
  role_based_access_control_enabled = true

  default_node_pool {
    name       = "default"
    node_count = 2
    vm_size    = "Standard_D2s_v5"
  }
}
