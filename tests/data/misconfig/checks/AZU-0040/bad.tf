resource "azurerm_kubernetes_cluster" "apps" { # vigie:expect
  name                = "apps"
  resource_group_name = "web"
  location            = "westeurope"
  dns_prefix          = "apps"

  default_node_pool {
    name       = "default"
    node_count = 2
    vm_size    = "Standard_D2s_v5"
  }
}
