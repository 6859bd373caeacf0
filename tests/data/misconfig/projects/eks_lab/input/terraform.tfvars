name            = "workshop"
trusted_ranges  = ["198.51.100.0/24"]
encrypt_secrets = false

node_groups = {
  general = {
    instance_types = ["t3.large"]
  }
  build = {
    instance_types = ["m6i.xlarge"]
    max            = 6
    ssh_key        = "lab"
    disk_gib       = 100
  }
}
