resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "sessions"
  at_rest_encryption_enabled = false # vigie:expect
}

resource "aws_elasticache_replication_group" "carts" { # vigie:expect
  replication_group_id = "carts"
  description          = "carts"
}
