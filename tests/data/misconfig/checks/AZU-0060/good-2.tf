resource "azurerm_key_vault_key" "files" {
  name         = "files"
  key_vault_id = "/subscriptions/0/resourceGroups/web/providers/Microsoft.KeyVault/vaults/keys"
  key_type     = "RSA"
  key_size     = 2048
  key_opts     = ["unwrapKey", "wrapKey"]
}

resource "azurerm_storage_account" "files" {
  name                     = "files"
  resource_group_name      = "web"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "GRS"

  customer_managed_key {
    key_vault_key_id          = azurerm_key_vault_key.files.id
    user_assigned_identity_id = "/subscriptions/0/resourceGroups/web/providers/Microsoft.ManagedIdentity/userAssignedIdentities/files"
  }
}

resource "azurerm_storage_container" "reports" {
  name               = "reports"
  storage_account_id = azurerm_storage_account.files.id
}
