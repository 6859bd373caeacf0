resource "google_compute_subnetwork" "apps" {
  name                     = "apps"
  ip_cidr_range            = "10.2.0.0/16"
  region                   = "europe-west1"
  network                  = "main"
  private_ip_google_access = true
}
