resource "azurerm_network_interface" "web" {
  name                 = "web"
  resource_group_name  = "web"
  location             = "westeurope"
  enable_ip_forwarding = true # vigie:expect

  ip_configuration {
    name                          = "internal"
    private_ip_address_allocation = "Dynamic"
  }
}
