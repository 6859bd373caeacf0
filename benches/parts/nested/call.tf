module "<CALL>" {
  source   = "<SOURCE>"
  for_each = <EACH>
  names    = <NAMES>
  prefix   = "<PREFIX>-${each.key}"
}
