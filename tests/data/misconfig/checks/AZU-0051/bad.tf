resource "azurerm_network_security_rule" "web" {
  name                        = "web"
  priority                    = 100
  direction                   = "Outbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_port_range           = "*"
  destination_port_range      = "443"
  source_address_prefix       = "10.0.0.0/8"
  destination_address_prefix  = "0.0.0.0/0" # vigie:expect
  resource_group_name         = "web"
  network_security_group_name = azurerm_network_security_group.web.name
}

resource "azurerm_network_security_group" "web" {
  name                = "web"
  resource_group_name = "web"
  location            = "westeurope"
}
