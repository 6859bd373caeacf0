data "google_project" "this" {}

resource "google_compute_instance" "app" {
  name         = "app"
  machine_type = "e2-medium"

  service_account { # vigie:expect
    scopes = ["cloud-platform"]
  }
}

resource "google_compute_instance" "number" {
  name         = "number"
  machine_type = "e2-medium"

  service_account {
    email  = "${data.google_project.this.number}-compute@developer.gserviceaccount.com" # vigie:expect
    scopes = ["cloud-platform"]
  }
}

data "google_compute_default_service_account" "default" {}

resource "google_compute_instance" "found" {
  name         = "found"
  machine_type = "e2-medium"

  service_account {
    email  = data.google_compute_default_service_account.default.email # vigie:expect
    scopes = ["cloud-platform"]
  }
}
