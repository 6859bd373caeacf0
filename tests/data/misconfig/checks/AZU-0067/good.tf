resource "azurerm_kubernetes_cluster" "apps" {
  name                   = "apps"
  resource_group_name    = "web"
  location               = "westeurope"
  dns_prefix             = "apps"
  disk_encryption_set_id = azurerm_disk_encryption_set.apps.id

  default_node_pool {
    name       = "default"
    node_count = 2
    vm_size    = "Standard_D2s_v5"
  }
}

resource "azurerm_disk_encryption_set" "apps" {
  name                = "apps"
  resource_group_name = "web"
  location            = "westeurope"
  key_vault_key_id    = var.key
}

variable "key" {
  type = string
}
