resource "azurerm_linux_web_app" "shop" {
  name                = "shop"
  resource_group_name = "web"
  location            = "westeurope"
  service_plan_id     = azurerm_service_plan.shop.id

  site_config {
    ftps_state = "FtpsOnly"
  }
}

resource "azurerm_service_plan" "shop" {
  name                = "shop"
  resource_group_name = "web"
  location            = "westeurope"
  os_type             = "Linux"
  sku_name            = "P1v3"
}
