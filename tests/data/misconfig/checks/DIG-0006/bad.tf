resource "digitalocean_spaces_bucket" "files" {
  name   = "files"
  region = "fra1"
  acl    = "public-read" # vigie:expect
}

resource "digitalocean_spaces_bucket" "more" {
  name   = "more"
  region = "fra1"
}

resource "digitalocean_spaces_bucket_object" "page" {
  region  = digitalocean_spaces_bucket.more.region
  bucket  = digitalocean_spaces_bucket.more.name
  key     = "index.html"
  content = "hello"
  acl     = "public-read" # vigie:expect
}

resource "digitalocean_spaces_bucket_object" "elsewhere" {
  region  = "fra1"
  bucket  = "of-another-project"
  key     = "index.html"
  content = "hello"
  acl     = "public-read" # vigie:expect
}
