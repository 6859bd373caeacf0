resource "nifcloud_ssl_certificate" "shop" {
  certificate = <<-EOT
    -----BEGIN CERTIFICATE-----
    MIIBHzCBxgIBAjAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBzaG9wLmV4YW1wbGUu
    Y29tMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAbMRkwFwYDVQQD
    DBBzaG9wLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQjqf
    xmMwbftU71r+VBswQuqpS8QYUCumN34+yUtu7mYAMa9eM02rc/4LNhLEYI+jBVQA
    2YXxv0toFm0zmHVBuzAKBggqhkjOPQQDAgNIADBFAiAx3RdLWOsPHVp/elnu6heZ
    xlwx632stib2falho/dpzAIhAI7ar/xwBwLXB33aKHtifCYjJrFRQb6d6DO2/4Wj
    83S7
    -----END CERTIFICATE-----
  EOT
  key         = var.key
  ca          = var.ca
}

variable "key" {}
variable "ca" {}
