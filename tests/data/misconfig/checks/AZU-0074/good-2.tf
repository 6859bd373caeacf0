resource "azurerm_network_security_group" "web" {
  name                = "web"
  resource_group_name = "web"
  location            = "westeurope"

  security_rule {
    name                       = "web"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_port_range          = "*"
    destination_port_range     = "8443"
    source_address_prefix      = "*"
    destination_address_prefix = "10.1.0.0/16"
  }
}
