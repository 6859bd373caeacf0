resource "aws_elasticsearch_domain" "logs" { # vigie:expect
  domain_name = "logs"
}

resource "aws_opensearch_domain" "search" {
  domain_name = "search"

  encrypt_at_rest {
    enabled = false # vigie:expect
  }
}
