resource "nifcloud_db_instance" "main" {
  identifier          = "main"
  engine              = "MySQL"
  engine_version      = "8.0.36"
  instance_class      = "db.large8"
  publicly_accessible = true # vigie:expect
}

resource "nifcloud_db_instance" "unsaid" { # vigie:expect
  identifier     = "unsaid"
  engine         = "MySQL"
  engine_version = "8.0.36"
  instance_class = "db.large8"
}
