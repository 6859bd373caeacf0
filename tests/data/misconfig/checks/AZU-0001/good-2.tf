resource "azurerm_app_service" "shop" {
  name                = "shop"
  resource_group_name = "web"
  location            = "westeurope"
  app_service_plan_id = azurerm_app_service_plan.shop.id
  client_cert_enabled = true
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
