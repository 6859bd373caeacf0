resource "google_bigquery_dataset" "main" {
  dataset_id = "main"
  location   = "EU"

  access {
    role          = "OWNER"
    special_group = "projectOwners"
  }

  access {
    role   = "READER"
    domain = "example.com"
  }
}
