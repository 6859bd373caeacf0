resource "azurerm_security_center_subscription_pricing" "machines" {
  tier          = "Free" # vigie:expect
  resource_type = "VirtualMachines"
}
