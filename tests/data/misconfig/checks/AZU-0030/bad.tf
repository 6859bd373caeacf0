data "azurerm_subscription" "primary" {}

resource "azurerm_role_definition" "operator" {
  name  = "operator"
  scope = data.azurerm_subscription.primary.id

  permissions {
    actions     = ["*"] # vigie:expect
    not_actions = []
  }

  assignable_scopes = ["/"]
}
