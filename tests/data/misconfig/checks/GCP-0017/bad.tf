resource "google_sql_database_instance" "main" {
  name             = "main"
  database_version = "POSTGRES_16"
  region           = "europe-west1"

  settings {
    tier = "db-custom-2-7680"

    ip_configuration {
      ipv4_enabled = true # vigie:expect

      authorized_networks {
        name  = "everybody"
        value = "0.0.0.0/0" # vigie:expect
      }

      authorized_networks {
        name  = "office"
        value = "10.1.0.0/24"
      }
    }
  }
}
