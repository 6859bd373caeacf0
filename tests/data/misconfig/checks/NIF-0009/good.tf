resource "nifcloud_db_instance" "main" {
  identifier              = "main"
  engine                  = "MySQL"
  instance_class          = "db.large8"
  backup_retention_period = 2
}
