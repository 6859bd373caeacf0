resource "google_compute_ssl_policy" "current" {
  name            = "current"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_ssl_policy" "strict" {
  name            = "strict"
  profile         = "RESTRICTED"
  min_tls_version = "TLS_1_3"
}
