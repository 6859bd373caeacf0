resource "nifcloud_dns_record" "web" {
  zone_id = "example.com"
  name    = "www.example.com"
  type    = "A"
  ttl     = 300
  record  = "192.0.2.10"
}

resource "nifcloud_dns_record" "mail" {
  zone_id = "example.com"
  name    = "example.com"
  type    = "TXT"
  ttl     = 300
  record  = "v=spf1 -all"
}
