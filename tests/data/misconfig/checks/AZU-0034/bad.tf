resource "azurerm_synapse_workspace" "reports" { # vigie:expect
  name                                 = "reports"
  resource_group_name                  = "data"
  location                             = "westeurope"
  storage_data_lake_gen2_filesystem_id = "https://reports.dfs.core.windows.net/reports"
  sql_administrator_login              = "administrator"
}
