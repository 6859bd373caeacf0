resource "azurerm_virtual_machine" "web" {
  name                = "web"
  resource_group_name = "web"
  location            = "westeurope"
  vm_size             = "Standard_B2s"

  os_profile {
    computer_name  = "web"
    admin_username = "operator"
  }

  os_profile_linux_config {
    disable_password_authentication = false # vigie:expect
  }
}
