resource "google_dns_managed_zone" "main" { # vigie:expect
  name     = "main"
  dns_name = "example.com."
}
