resource "azurerm_network_interface" "web" { # vigie:expect
  name                = "web"
  resource_group_name = "web"
  location            = "westeurope"

  ip_configuration {
    name                          = "internal"
    private_ip_address_allocation = "Dynamic"
  }
}

resource "azurerm_linux_virtual_machine" "web" {
  name                  = "web"
  resource_group_name   = "web"
  location              = "westeurope"
  size                  = "Standard_B2s"
  admin_username        = "operator"
  network_interface_ids = [azurerm_network_interface.web.id]
}
