resource "google_compute_project_metadata" "project" {
  metadata = { # vigie:expect
    ssh-keys = "dev:ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample dev"
  }
}
