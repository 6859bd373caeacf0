data "azurerm_subscription" "primary" {}

resource "azurerm_role_definition" "operator" {
  name  = "operator"
  scope = data.azurerm_subscription.primary.id

  permissions {
    actions     = ["Microsoft.Authorization/roleDefinitions/write"] # vigie:expect
    not_actions = []
  }

  permissions {
    actions = [ # vigie:expect
      "Microsoft.Compute/virtualMachines/read",
      "microsoft.authorization/*",
    ]
  }
}
