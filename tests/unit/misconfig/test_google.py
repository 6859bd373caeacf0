"""Google Cloud but for Compute Engine: what of a configuration is known, and what checks make of what is not.

Expected values: the providers' documentation of each argument and its default.
"""

from __future__ import annotations

from terraform_project import found, judged, model, state, undecided, values

# Kubernetes Engine


def test_pools_hang_on_their_cluster_or_on_a_placeholder() -> None:
    gke = model(
        "google.gke",
        """
resource "google_container_cluster" "main" { name = "main" }
resource "google_container_node_pool" "by_reference" { cluster = google_container_cluster.main.id }
resource "google_container_node_pool" "by_name" { cluster = "main" }
resource "google_container_node_pool" "elsewhere" { cluster = "other" }
""",
    )
    assert [(one.cause.managed, len(one.node_pools)) for one in gke.clusters] == [(True, 2), (False, 1)]


def test_nothing_is_reported_at_a_placeholder_cluster() -> None:
    outcome = judged(
        """
resource "google_container_node_pool" "elsewhere" {
  cluster = "other"
  management {
    auto_repair  = true
    auto_upgrade = true
  }
  node_config {
    image_type      = "COS_CONTAINERD"
    service_account = "nodes@p.iam.gserviceaccount.com"
    workload_metadata_config { mode = "GKE_METADATA" }
  }
}
"""
    )
    assert [placed.finding.id for placed in outcome.findings] == []
    assert list(outcome.problems) == []


# Cloud SQL


def test_flags_whose_names_are_not_known_leave_no_flag_missing() -> None:
    text = """
variable "flags" { type = map(string) }
resource "google_sql_database_instance" "main" {
  database_version = "POSTGRES_16"
  settings {
    dynamic "database_flags" {
      for_each = var.flags
      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }
  }
}
"""
    flags = model("google.sql", text).instances[0].settings.flags
    assert values((flags.log_connections, flags.log_temp_file_size, flags.log_min_messages)) == ["?", "?", "?"]
    assert found(text, "GCP-0014", "GCP-0016", "GCP-0020") == []
    assert "GCP-0016" in undecided(text)


def test_a_version_that_is_known_in_part_tells_the_family() -> None:
    text = """
variable "version" {}
resource "google_sql_database_instance" "main" {
  database_version = "POSTGRES_${var.version}"
  settings { tier = "db-f1-micro" }
}
"""
    assert found(text, "GCP-0016", "GCP-0026", "GCP-0019") == [("GCP-0016", 5)]


# Cloud Storage and IAM


def test_a_bucket_that_takes_logs_need_not_log() -> None:
    text = """
resource "google_storage_bucket" "logs" { name = "logs" }
resource "google_storage_bucket" "files" {
  name = "files"
  logging { log_bucket = "logs" }
}
resource "google_storage_bucket" "more" { name = "more" }
"""
    assert found(text, "GCP-0077") == [("GCP-0077", 7)]


def test_buckets_whose_names_are_not_known_might_be_for_logs() -> None:
    text = """
variable "name" {}
resource "google_storage_bucket" "maybe" { name = var.name }
resource "google_storage_bucket" "files" {
  name = "files"
  logging { log_bucket = "logs" }
}
"""
    assert found(text, "GCP-0077") == []
    assert "GCP-0077" in undecided(text)


def test_required_arguments_that_are_not_known_are_not_empty() -> None:
    text = """
variable "bucket" {}
variable "key" {}
resource "google_storage_bucket" "files" {
  name = "files"
  logging { log_bucket = var.bucket }
  encryption { default_kms_key_name = var.key }
}
"""
    assert found(text, "GCP-0066", "GCP-0077") == []
    assert {"GCP-0066", "GCP-0077"} <= set(judged(text).passed)


def test_grants_hang_on_what_they_are_at() -> None:
    iam = model(
        "google.iam",
        """
resource "google_project" "main" {
  name       = "Main project"
  project_id = "main-1"
}
resource "google_project_iam_member" "by_reference" {
  project = google_project.main.project_id
  member  = "group:a@example.com"
}
resource "google_project_iam_member" "by_id" {
  project = "main-1"
  member  = "group:b@example.com"
}
resource "google_pubsub_topic_iam_binding" "elsewhere" {
  project = "other"
  members = ["group:c@example.com"]
}
resource "google_project_iam_audit_config" "elsewhere" {
  project = "other"
  service = "allServices"
}
resource "google_folder" "apps" { display_name = "apps" }
resource "google_folder_iam_member" "apps" {
  folder = google_folder.apps.folder_id
  member = "group:d@example.com"
}
data "google_organization" "this" { domain = "example.com" }
resource "google_organization_iam_binding" "all" {
  org_id  = data.google_organization.this.org_id
  members = ["group:e@example.com", "group:f@example.com"]
}
""",
    )
    main, other = iam.projects
    assert [state(one.member) for one in main.members] == ["group:a@example.com", "group:b@example.com"]
    assert (main.cause.managed, other.cause.managed) == (True, False)
    assert (len(other.bindings), len(other.audit_configs)) == (1, 1)
    (folder,), (organization,) = iam.folders, iam.organizations
    assert (folder.cause.managed, len(folder.members)) == (True, 1)
    assert organization.cause.managed
    assert [values(one.members) for one in organization.bindings] == [["group:e@example.com", "group:f@example.com"]]


def test_projects_named_by_the_same_unknown_variable_are_the_same() -> None:
    text = """
variable "project" {}
variable "other" {}
resource "google_project" "main" {
  name       = "main"
  project_id = var.project
}
resource "google_project_iam_audit_config" "main" {
  project = var.project
  service = "storage.googleapis.com"
}
resource "google_project_iam_audit_config" "other" {
  project = var.other
  service = "allServices"
}
"""
    main, other = model("google.iam", text).projects
    assert [state(one.service) for one in main.audit_configs] == ["storage.googleapis.com"]
    assert [state(one.service) for one in other.audit_configs] == ["allServices"]
    # Both only know a part of what is to be audited: the one one service, the other no type of log.
    assert found(text, "GCP-0079") == [("GCP-0079", 10), ("GCP-0079", 12)]


def test_members_known_in_part() -> None:
    text = """
variable "who" {}
data "google_project" "this" {}
data "google_compute_default_service_account" "default" {}
resource "google_service_account" "app" { account_id = "app" }
resource "google_project_iam_binding" "some" {
  project = "main"
  role    = "roles/viewer"
  members = [
    "serviceAccount:${google_service_account.app.email}",
    google_service_account.app.member,
    "serviceAccount:${data.google_project.this.number}@cloudservices.gserviceaccount.com",
  ]
}
resource "google_project_iam_binding" "default" {
  project = "main"
  role    = "roles/editor"
  members = ["serviceAccount:${data.google_compute_default_service_account.default.email}"]
}
resource "google_project_iam_binding" "unknown" {
  project = "main"
  role    = "roles/viewer"
  members = var.who
}
"""
    (project,) = model("google.iam", text).projects
    assert values(one.includes_default_service_account for one in project.bindings) == [False, True, "?"]
    assert found(text, "GCP-0003", "GCP-0006", "GCP-0007", "GCP-0069") == [("GCP-0006", 18), ("GCP-0007", 18)]
    problems = undecided(text)
    assert all(id_ in problems for id_ in ("GCP-0003", "GCP-0006", "GCP-0069"))


def test_rotation_periods() -> None:
    kms = model(
        "google.kms",
        """
variable "period" {}
resource "google_kms_crypto_key" "a" { rotation_period = "7776000s" }
resource "google_kms_crypto_key" "b" { rotation_period = "100000.5s" }
resource "google_kms_crypto_key" "c" { rotation_period = "90d" }
resource "google_kms_crypto_key" "d" { rotation_period = var.period }
resource "google_kms_crypto_key" "e" {}
""",
    )
    (ring,) = kms.key_rings
    assert values(key.rotation_period_seconds for key in ring.keys) == [7776000, 100000, "?", "?", -1]
