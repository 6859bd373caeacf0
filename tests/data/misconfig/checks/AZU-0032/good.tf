locals {
  regions = <<-EOT
    australiacentral australiacentral2 australiaeast australiasoutheast brazilsouth brazilsoutheast canadacentral
    canadaeast centralindia centralus eastasia eastus eastus2 francecentral francesouth germanynorth
    germanywestcentral global japaneast japanwest jioindiacentral jioindiawest koreacentral koreasouth
    northcentralus northeurope norwayeast norwaywest southafricanorth southafricawest southcentralus southeastasia
    southindia swedencentral switzerlandnorth switzerlandwest uaecentral uaenorth uksouth ukwest westcentralus
    westindia westus westus2 westus3
  EOT
}

resource "azurerm_monitor_log_profile" "all" {
  name               = "all"
  categories         = ["Action", "Delete", "Write"]
  locations          = concat(regexall("[a-z0-9]+", local.regions), ["West Europe"])
  storage_account_id = "/subscriptions/0/resourceGroups/logs/providers/Microsoft.Storage/storageAccounts/logs"

  retention_policy {
    enabled = true
    days    = 365
  }
}
