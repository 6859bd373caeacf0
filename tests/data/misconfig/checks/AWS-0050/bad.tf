resource "aws_elasticache_cluster" "sessions" {
  cluster_id               = "sessions"
  engine                   = "redis"
  node_type                = "cache.m4.large"
  snapshot_retention_limit = 0 # vigie:expect
}

resource "aws_elasticache_cluster" "carts" { # vigie:expect
  cluster_id = "carts"
  engine     = "redis"
  node_type  = "cache.m4.large"
}
