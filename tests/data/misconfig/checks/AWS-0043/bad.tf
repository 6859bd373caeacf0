resource "aws_elasticsearch_domain" "logs" { # vigie:expect
  domain_name = "logs"
}

resource "aws_opensearch_domain" "search" {
  domain_name = "search"

  node_to_node_encryption {
    enabled = false # vigie:expect
  }
}
