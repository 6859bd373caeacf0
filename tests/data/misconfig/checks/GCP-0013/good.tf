resource "google_dns_managed_zone" "main" {
  name     = "main"
  dns_name = "example.com."

  dnssec_config {
    state = "on"
  }
}

resource "google_dns_managed_zone" "inside" {
  name       = "inside"
  dns_name   = "example.internal."
  visibility = "private"
}
