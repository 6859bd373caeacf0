resource "google_sql_database_instance" "main" {
  name             = "main"
  database_version = "SQLSERVER_2022_STANDARD"
  region           = "europe-west1"

  settings { # vigie:expect
    tier = "db-custom-2-7680"
  }
}
