resource "aws_config_configuration_aggregator" "all" {
  name = "all"

  organization_aggregation_source {
    role_arn    = "arn:aws:iam::123456789012:role/aggregator"
    all_regions = false # vigie:expect
  }
}
