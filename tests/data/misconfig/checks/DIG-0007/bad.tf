resource "digitalocean_spaces_bucket" "files" {
  name   = "files"
  region = "fra1"

  versioning {
    enabled = false # vigie:expect
  }
}

resource "digitalocean_spaces_bucket" "unsaid" { # vigie:expect
  name   = "unsaid"
  region = "fra1"
}
