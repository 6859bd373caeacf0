resource "azurerm_app_service" "shop" { # vigie:expect
  name                = "shop"
  resource_group_name = "web"
  location            = "westeurope"
  app_service_plan_id = azurerm_app_service_plan.shop.id
}

resource "azurerm_app_service_plan" "shop" {
  name                = "shop"
  resource_group_name = "web"
  location            = "westeurope"

  sku {
    tier = "Standard"
    size = "S1"
  }
}
