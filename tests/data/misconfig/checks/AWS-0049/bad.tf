resource "aws_elasticache_security_group" "sessions" { # vigie:expect
  name                 = "sessions"
  security_group_names = ["web"]
}

resource "aws_elasticache_security_group" "carts" {
  name                 = "carts"
  description          = "" # vigie:expect
  security_group_names = ["web"]
}
