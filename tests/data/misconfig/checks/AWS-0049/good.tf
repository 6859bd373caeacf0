resource "aws_elasticache_security_group" "sessions" {
  name                 = "sessions"
  description          = "Web servers keep sessions here"
  security_group_names = ["web"]
}
