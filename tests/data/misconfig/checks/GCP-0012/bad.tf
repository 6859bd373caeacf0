resource "google_dns_managed_zone" "main" {
  name     = "main"
  dns_name = "example.com."

  dnssec_config {
    state = "on"

    default_key_specs {
      algorithm = "rsasha1" # vigie:expect
      key_type  = "keySigning"
    }

    default_key_specs {
      algorithm = "rsasha256"
      key_type  = "zoneSigning"
    }
  }
}
