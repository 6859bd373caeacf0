resource "digitalocean_spaces_bucket" "files" {
  name   = "files"
  region = "fra1"
  acl    = "private"
}

resource "digitalocean_spaces_bucket_object" "page" {
  region  = digitalocean_spaces_bucket.files.region
  bucket  = digitalocean_spaces_bucket.files.name
  key     = "index.html"
  content = "hello"
}
