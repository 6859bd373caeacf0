resource "azurerm_linux_virtual_machine" "web" {
  name                = "web"
  resource_group_name = "web"
  location            = "westeurope"
  size                = "Standard_B2s"
  admin_username      = "operator"

  custom_data = base64encode(<<-EOT
    #!/bin/sh
    export DATABASE_PASSWORD="SomeSortOfPassword"
    /opt/start
  EOT
  )
}
