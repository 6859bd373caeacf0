resource "google_compute_network" "net<N>" {
  name                    = "${local.prefix}-<N>"
  auto_create_subnetworks = false
}

resource "google_compute_firewall" "rule<N>" {
  for_each      = { for i, rule in var.rules : i => rule }
  name          = "${local.prefix}-${each.key}"
  network       = google_compute_network.net<N>.name
  source_ranges = each.value.cidrs
  description   = each.value.description

  allow {
    protocol = "tcp"
    ports    = [each.value.port]
  }
}

resource "google_storage_bucket" "files<N>" {
  name                        = "${local.prefix}-files-<N>"
  location                    = "EU"
  uniform_bucket_level_access = <bool>
}
