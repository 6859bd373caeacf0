resource "aws_elasticache_cluster" "sessions" {
  cluster_id               = "sessions"
  engine                   = "redis"
  node_type                = "cache.m4.large"
  snapshot_retention_limit = 5
}

resource "aws_elasticache_cluster" "pages" {
  cluster_id = "pages"
  engine     = "memcached"
  node_type  = "cache.m4.large"
}

resource "aws_elasticache_cluster" "tiny" {
  cluster_id = "tiny"
  engine     = "redis"
  node_type  = "cache.t1.micro"
}
