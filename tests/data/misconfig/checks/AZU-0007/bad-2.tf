# The account is not part of this module.
variable "account" {
  type = string
}

resource "azurerm_storage_container" "images" {
  name                  = "images"
  storage_account_id    = var.account
  container_access_type = "container" # vigie:expect
}
