resource "azurerm_linux_virtual_machine" "web" {
  name                            = "web"
  resource_group_name             = "web"
  location                        = "westeurope"
  size                            = "Standard_B2s"
  admin_username                  = "operator"
  disable_password_authentication = true
}

resource "azurerm_windows_virtual_machine" "desk" {
  name                = "desk"
  resource_group_name = "web"
  location            = "westeurope"
  size                = "Standard_B2s"
  admin_username      = "operator"
  admin_password      = var.password
}

variable "password" {
  type      = string
  sensitive = true
}
