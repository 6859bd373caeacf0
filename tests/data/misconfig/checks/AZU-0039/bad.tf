resource "azurerm_linux_virtual_machine" "web" {
  name                            = "web"
  resource_group_name             = "web"
  location                        = "westeurope"
  size                            = "Standard_B2s"
  admin_username                  = "operator"
  disable_password_authentication = false # vigie:expect
}
