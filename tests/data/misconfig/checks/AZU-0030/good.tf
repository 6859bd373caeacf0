data "azurerm_subscription" "primary" {}

resource "azurerm_role_definition" "operator" {
  name  = "operator"
  scope = data.azurerm_subscription.primary.id

  permissions {
    actions     = ["Microsoft.Resources/subscriptions/resourceGroups/read"]
    not_actions = []
  }

  assignable_scopes = ["/"]
}
