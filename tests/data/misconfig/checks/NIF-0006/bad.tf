resource "nifcloud_ssl_certificate" "shop" {
  certificate = <<-EOT
    -----BEGIN CERTIFICATE-----
    MIIBHTCBxAIBATAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBzaG9wLmV4YW1wbGUu
    Y29tMB4XDTE5MDEwMTAwMDAwMFoXDTIwMDEwMTAwMDAwMFowGzEZMBcGA1UEAwwQ
    c2hvcC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEI6n8Zj
    MG37VO9a/lQbMELqqUvEGFArpjd+PslLbu5mADGvXjNNq3P+CzYSxGCPowVUANmF
    8b9LaBZtM5h1QbswCgYIKoZIzj0EAwIDSAAwRQIhAJ/mRgjFGaMW3c2ZOexcPJCp
    cwtLhoFXBB6KpPm0mcc8AiBw83UHZTslFY6v8g2C0/miRjmm6d/04xRtEUO9zk74
    bQ==
    -----END CERTIFICATE-----
  EOT
  key         = var.key
  ca          = var.ca
}

variable "key" {}
variable "ca" {}
