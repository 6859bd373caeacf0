resource "aws_config_configuration_aggregator" "all" {
  name = "all"

  account_aggregation_source { # vigie:expect
    account_ids = ["123456789012"]
    regions     = ["eu-west-1"]
  }
}
