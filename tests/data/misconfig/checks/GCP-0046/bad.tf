resource "google_bigquery_dataset" "main" {
  dataset_id = "main"
  location   = "EU"

  access {
    role          = "OWNER"
    user_by_email = "data@example.com"
  }

  access {
    role          = "READER"
    special_group = "allAuthenticatedUsers" # vigie:expect
  }
}
