resource "aws_elasticsearch_domain" "logs" { # vigie:expect
  domain_name = "logs"
}

resource "aws_opensearch_domain" "search" {
  domain_name = "search"

  domain_endpoint_options {
    enforce_https = false # vigie:expect
  }
}
