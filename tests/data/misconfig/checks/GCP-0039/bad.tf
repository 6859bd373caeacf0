resource "google_compute_ssl_policy" "old" {
  name            = "old"
  profile         = "MODERN"
  min_tls_version = "TLS_1_1" # vigie:expect
}

resource "google_compute_ssl_policy" "unsaid" { # vigie:expect
  name    = "unsaid"
  profile = "MODERN"
}
