resource "azurerm_network_interface" "web" {
  name                = "web"
  resource_group_name = "web"
  location            = "westeurope"

  ip_configuration {
    name                          = "internal"
    private_ip_address_allocation = "Dynamic"
  }
}

resource "azurerm_network_security_group" "web" {
  name                = "web"
  resource_group_name = "web"
  location            = "westeurope"
}

resource "azurerm_network_interface_security_group_association" "web" {
  network_interface_id      = azurerm_network_interface.web.id
  network_security_group_id = azurerm_network_security_group.web.id
}

resource "azurerm_windows_virtual_machine" "web" {
  name                  = "web"
  resource_group_name   = "web"
  location              = "westeurope"
  size                  = "Standard_B2s"
  admin_username        = "operator"
  network_interface_ids = [azurerm_network_interface.web.id]
}
