resource "nifcloud_db_instance" "main" {
  identifier     = "main"
  engine         = "MySQL"
  instance_class = "db.large8"
  network_id     = "net-COMMON_PRIVATE" # vigie:expect
}

resource "nifcloud_db_instance" "unsaid" { # vigie:expect
  identifier     = "unsaid"
  engine         = "MySQL"
  instance_class = "db.large8"
}
