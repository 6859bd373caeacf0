resource "google_compute_subnetwork" "apps" {
  name          = "apps"
  ip_cidr_range = "10.2.0.0/16"
  region        = "europe-west1"
  network       = "main"

  log_config {
    aggregation_interval = "INTERVAL_5_SEC"
  }
}

resource "google_compute_subnetwork" "proxies" {
  name          = "proxies"
  ip_cidr_range = "10.3.0.0/24"
  network       = "main"
  purpose       = "GLOBAL_MANAGED_PROXY"
}
