variable "vault" {
  type = string
}

resource "azurerm_key_vault_key" "disks" { # vigie:expect
  name         = "disks"
  key_vault_id = var.vault
  key_type     = "RSA"
  key_size     = 2048
  key_opts     = ["unwrapKey", "wrapKey"]
}
