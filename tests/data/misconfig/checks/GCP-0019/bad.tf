resource "google_sql_database_instance" "main" {
  name             = "main"
  database_version = "SQLSERVER_2022_STANDARD"
  region           = "europe-west1"

  settings {
    tier = "db-custom-2-7680"

    database_flags {
      name  = "cross db ownership chaining"
      value = "on" # vigie:expect
    }
  }
}
