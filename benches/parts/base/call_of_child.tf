module "<CALL>" {
  source   = "<SOURCE>"
  name     = "${local.full}-inner"
  settings = var.settings
  tags     = merge(var.tags, { Caller = var.name })
}
