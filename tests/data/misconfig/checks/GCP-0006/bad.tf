resource "google_project" "main" {
  name       = "main"
  project_id = "main"
}

resource "google_project_iam_member" "app_engine" {
  project = google_project.main.project_id
  role    = "roles/viewer"
  member  = "serviceAccount:main@appspot.gserviceaccount.com" # vigie:expect
}

resource "google_pubsub_topic_iam_binding" "compute" {
  project = "main"
  topic   = "events"
  role    = "roles/pubsub.publisher"
  members = ["serviceAccount:${google_project.main.number}-compute@developer.gserviceaccount.com"] # vigie:expect
}
