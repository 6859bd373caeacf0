data "azurerm_subscription" "primary" {}

resource "azurerm_role_definition" "operator" {
  name  = "operator"
  scope = data.azurerm_subscription.primary.id

  permissions {
    actions = ["Microsoft.Compute/*"]
  }

  assignable_scopes = ["/subscriptions/00000000-0000-0000-0000-000000000000"]
}
