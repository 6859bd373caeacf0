resource "azurerm_security_center_contact" "team" { # vigie:expect
  name                = "team"
  email               = "security@example.com"
  alert_notifications = true
  alerts_to_admins    = true
}
