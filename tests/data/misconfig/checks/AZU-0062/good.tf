resource "azurerm_security_center_contact" "team" {
  name                = "team"
  email               = "security@example.com"
  phone               = "+49-555-5555"
  alert_notifications = true
  alerts_to_admins    = true
}
