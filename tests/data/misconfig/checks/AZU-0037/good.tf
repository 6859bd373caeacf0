resource "azurerm_windows_virtual_machine" "web" {
  name                = "web"
  resource_group_name = "web"
  location            = "westeurope"
  size                = "Standard_B2s"
  admin_username      = "operator"

  custom_data = base64encode("az login --identity && az keyvault secret show --vault-name web --name database")
}
