stage = "prod"
buckets = {
  assets  = { acl = "public-read", versioned = false }
  reports = {}
}
open_ports = [
  { port = 443, from = ["0.0.0.0/0"], why = "the shop" },
  { port = 5432, from = ["10.0.0.0/8"] },
]
