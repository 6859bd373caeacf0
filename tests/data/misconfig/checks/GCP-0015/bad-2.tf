resource "google_sql_database_instance" "main" {
  name             = "main"
  database_version = "POSTGRES_16"
  region           = "europe-west1"

  settings {
    tier = "db-custom-2-7680"

    ip_configuration {
      require_ssl = false # vigie:expect
    }
  }
}

resource "google_sql_database_instance" "unsaid" {
  name             = "unsaid"
  database_version = "MYSQL_8_0"
  region           = "europe-west1"

  settings { # vigie:expect
    tier = "db-custom-2-7680"
  }
}
