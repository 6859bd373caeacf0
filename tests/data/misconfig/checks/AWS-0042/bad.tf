resource "aws_elasticsearch_domain" "logs" { # vigie:expect
  domain_name = "logs"

  log_publishing_options {
    cloudwatch_log_group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:logs"
    log_type                 = "INDEX_SLOW_LOGS"
  }
}

resource "aws_opensearch_domain" "search" {
  domain_name = "search"

  log_publishing_options {
    cloudwatch_log_group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:search"
    log_type                 = "AUDIT_LOGS"
    enabled                  = false # vigie:expect
  }
}
