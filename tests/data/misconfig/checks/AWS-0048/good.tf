resource "aws_elasticsearch_domain" "logs" {
  domain_name = "logs"

  encrypt_at_rest {
    enabled = true
  }
}
