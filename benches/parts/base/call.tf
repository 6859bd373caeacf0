module "<CALL>" {
  source   = "<SOURCE>"
  for_each = toset(slice(var.zones, 0, <count>))
  name     = "${local.prefix}-${each.key}"
  tags     = local.common
  settings = {
    encrypted = var.encrypted
    retention = local.retention
    open      = each.key == "a" ? ["<cidr>"] : []
  }
}
