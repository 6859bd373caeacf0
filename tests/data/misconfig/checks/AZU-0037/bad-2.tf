resource "azurerm_virtual_machine" "web" {
  name                = "web"
  resource_group_name = "web"
  location            = "westeurope"
  vm_size             = "Standard_B2s"

  os_profile {
    computer_name  = "web"
    admin_username = "operator"
    custom_data    = "aws configure set aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" # vigie:expect
  }

  os_profile_windows_config {}
}
