resource "google_compute_subnetwork" "apps" { # vigie:expect
  name          = "apps"
  ip_cidr_range = "10.2.0.0/16"
  region        = "europe-west1"
  network       = "main"
}

resource "google_compute_subnetwork" "more" {
  name                     = "more"
  ip_cidr_range            = "10.3.0.0/16"
  region                   = "europe-west1"
  network                  = "main"
  private_ip_google_access = false # vigie:expect
}
