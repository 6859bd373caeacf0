resource "nifcloud_dns_record" "verification" {
  zone_id = "example.com"
  name    = "example.com"
  type    = "TXT"
  ttl     = 300
  record  = "nifty-dns-verify=2d8a1e0c" # vigie:expect
}
