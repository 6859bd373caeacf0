resource "azurerm_synapse_workspace" "reports" {
  name                                 = "reports"
  resource_group_name                  = "data"
  location                             = "westeurope"
  storage_data_lake_gen2_filesystem_id = "https://reports.dfs.core.windows.net/reports"
  managed_virtual_network_enabled      = true
}
