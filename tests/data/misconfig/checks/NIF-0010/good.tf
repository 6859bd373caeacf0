resource "nifcloud_db_instance" "main" {
  identifier     = "main"
  engine         = "MySQL"
  instance_class = "db.large8"
  network_id     = "net-0a1b2c3d"
}
