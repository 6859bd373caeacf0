resource "azurerm_managed_disk" "data" {
  name                 = "data"
  resource_group_name  = "web"
  location             = "westeurope"
  storage_account_type = "Standard_LRS"
  create_option        = "Empty"
  disk_size_gb         = 10

  encryption_settings {
    enabled = false # vigie:expect
  }
}
