resource "google_container_cluster" "scaled" {
  name     = "scaled"
  location = "europe-west1"

  cluster_autoscaling {
    enabled = true

    auto_provisioning_defaults { # vigie:expect
      image_type = "COS_CONTAINERD"
    }
  }
}

resource "google_container_cluster" "autopilot" { # vigie:expect
  name             = "autopilot"
  location         = "europe-west1"
  enable_autopilot = true
}
