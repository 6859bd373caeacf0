resource "azurerm_storage_account" "files<N>" {
  name                       = substr(replace("${local.prefix}files<N>", "-", ""), 0, 24)
  resource_group_name        = "<word>"
  location                   = "westeurope"
  account_tier               = "Standard"
  account_replication_type   = "GRS"
  min_tls_version            = "TLS1_2"
  https_traffic_only_enabled = <bool>

  network_rules {
    default_action = var.public ? "Allow" : "Deny"
    bypass         = ["AzureServices"]
  }
}

resource "azurerm_network_security_rule" "rule<N>" {
  for_each                    = { for rule in var.rules : rule.port => rule }
  name                        = "rule-${each.key}"
  priority                    = 100 + index(var.rules, each.value)
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_port_range           = "*"
  destination_port_range      = each.value.port
  source_address_prefix       = try(each.value.cidrs[0], "*")
  destination_address_prefix  = "*"
  resource_group_name         = "<word>"
  network_security_group_name = "<word>"
}
