"""Google Cloud, NIFCLOUD and DigitalOcean: what of a configuration is known, and what checks make of what is not.

Expected values: the providers' documentation of each argument and its default.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from vigie.misconfig import catalog
from vigie.misconfig.detector import judge_unit
from vigie.misconfig.files import ScannedFiles
from vigie.misconfig.judge import Chosen
from vigie.misconfig.outcome import Outcome
from vigie.misconfig.resources.nifcloud.sslcertificate import not_after
from vigie.misconfig.value import Attribute
from vigie.model.inventory import Configuration
from vigie.plugs import languages
from vigie.settings.groups import MisconfigOptions


def scanned(text: str) -> ScannedFiles:
    return ScannedFiles([Configuration("terraform", "main.tf", text.encode())], None)


def model(service: str, text: str) -> Any:
    """The service as a Terraform file fills it."""
    language, files = languages()["terraform"], scanned(text)
    (unit,) = language.split(files)
    graph = language.load(unit, files, MisconfigOptions()).graph
    assert graph is not None
    adapter = catalog.service(service).terraform
    assert adapter is not None
    return adapter.fill(graph)


def judged(text: str) -> Outcome:
    language, files = languages()["terraform"], scanned(text)
    (unit,) = language.split(files)
    return judge_unit(unit, language, files, MisconfigOptions(), Chosen())


def found(text: str, *ids: str) -> list[tuple[str, int]]:
    """The findings of these checks by line."""
    findings = [placed.finding for placed in judged(text).findings]
    return sorted((one.id, one.start) for one in findings if one.id in ids)


def undecided(text: str) -> str:
    return "\n".join(str(problem) for problem in judged(text).problems)


def state(attribute: Attribute[Any]) -> Any:
    """The value, or `?` for one that is not known."""
    return attribute.value if attribute.known else "?"


def values(attributes: Iterable[Attribute[Any]]) -> list[Any]:
    return [state(attribute) for attribute in attributes]


# Compute Engine


def test_a_disabled_rule_is_not_enforced_and_directions_part_the_rules() -> None:
    compute = model(
        "google.compute",
        """
resource "google_compute_firewall" "in" {
  name     = "in"
  network  = "main"
  disabled = true
  source_ranges = ["10.0.0.0/8"]
  allow {
    protocol = "tcp"
    ports    = [22, "80", "8000-9000"]
  }
  deny { protocol = "all" }
}
resource "google_compute_firewall" "out" {
  name      = "out"
  network   = "main"
  direction = "EGRESS"
  allow { protocol = "udp" }
}
""",
    )
    inward, outward = (network.firewall for network in compute.networks)
    assert not any(network.cause.managed for network in compute.networks)
    allow, deny = inward.ingress_rules
    assert inward.egress_rules == []
    assert state(allow.firewall_rule.enforced) is False
    assert (state(allow.firewall_rule.is_allow), state(deny.firewall_rule.is_allow)) == (True, False)
    ports = [(state(one.start), state(one.end)) for one in allow.firewall_rule.ports]
    assert ports == [(22, 22), (80, 80), (8000, 9000)]
    assert values(allow.source_ranges) == ["10.0.0.0/8"]
    (rule,) = outward.egress_rules
    assert state(rule.firewall_rule.enforced) is True
    assert values(rule.destination_ranges) == ["0.0.0.0/0"]
    assert rule.destination_ranges[0].explicit is False


@pytest.mark.parametrize("port", ['"ssh"', '"1-2-3"', '"-5"', '"99999999999"', '"٢٢"', "null", "var.port", "[22]"])
def test_ports_that_are_none_are_not_known(port: str) -> None:
    compute = model(
        "google.compute",
        f"""
variable "port" {{}}
resource "google_compute_firewall" "in" {{
  network = "main"
  allow {{
    protocol = "tcp"
    ports    = [{port}]
  }}
}}
""",
    )
    (ports,) = compute.networks[0].firewall.ingress_rules[0].firewall_rule.ports
    assert (state(ports.start), state(ports.end)) == ("?", "?")


def test_a_rule_of_unknown_direction_is_doubted_not_passed() -> None:
    text = """
variable "direction" {}
resource "google_compute_firewall" "any" {
  network   = "main"
  direction = var.direction
  allow { protocol = "all" }
}
"""
    assert found(text, "GCP-0027", "GCP-0035", "GCP-0072") == []
    problems = undecided(text)
    assert all(id_ in problems for id_ in ("GCP-0027", "GCP-0035", "GCP-0071", "GCP-0072"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", ["0.0.0.0/0"]),
        ("source_ranges = []", ["0.0.0.0/0"]),
        ("source_ranges = null", ["0.0.0.0/0"]),
        ('source_tags = ["web"]', []),
        ('source_service_accounts = ["app@p.iam.gserviceaccount.com"]', []),
        ('source_ranges = ["10.0.0.0/8"]\nsource_tags = ["web"]', ["10.0.0.0/8"]),
        ("source_ranges = var.unknown", ["?"]),
    ],
)
def test_whom_an_ingress_rule_is_about(written: str, expected: list[str]) -> None:
    """https://cloud.google.com/firewall/docs/firewalls#sources_or_destinations_for_the_rule"""
    compute = model(
        "google.compute",
        f"""
variable "unknown" {{}}
resource "google_compute_firewall" "in" {{
  network = "main"
  {written}
  allow {{ protocol = "icmp" }}
}}
""",
    )
    assert values(compute.networks[0].firewall.ingress_rules[0].source_ranges) == expected


def test_interfaces_find_their_network_and_subnetwork() -> None:
    compute = model(
        "google.compute",
        """
resource "google_compute_network" "main" { name = "main" }
resource "google_compute_subnetwork" "apps" {
  name    = "apps"
  network = google_compute_network.main.self_link
}
resource "google_compute_instance" "app" {
  network_interface {
    network    = google_compute_network.main.name
    subnetwork = google_compute_subnetwork.apps.id
    access_config { nat_ip = "192.0.2.1" }
  }
  network_interface { network = "another" }
}
""",
    )
    (network,) = compute.networks
    first, second = compute.instances[0].network_interfaces
    assert first.network is network
    assert [first.subnetwork] == network.subnetworks
    assert (state(first.has_public_ip), state(first.nat_ip)) == (True, "192.0.2.1")
    assert (second.network, state(second.has_public_ip)) == (None, False)


def test_blocks_that_may_or_may_not_come_to_be_decide_nothing() -> None:
    text = """
variable "public" {}
variable "logs" { default = true }
resource "google_compute_instance" "app" {
  network_interface {
    dynamic "access_config" {
      for_each = var.public ? [1] : []
      content {}
    }
  }
}
resource "google_compute_subnetwork" "known" {
  dynamic "log_config" {
    for_each = var.logs ? [1] : []
    content {}
  }
}
resource "google_compute_subnetwork" "unknown" {
  dynamic "log_config" {
    for_each = var.public ? [1] : []
    content {}
  }
}
"""
    compute = model("google.compute", text)
    assert state(compute.instances[0].network_interfaces[0].has_public_ip) == "?"
    assert values(one.enable_flow_logs for one in compute.networks[0].subnetworks) == [True, "?"]
    # GCP-0029 asks that flow logs are surely there, GCP-0076 that they are not surely missing.
    assert found(text, "GCP-0031", "GCP-0029", "GCP-0076") == [("GCP-0029", 21)]
    problems = undecided(text)
    assert "GCP-0031" in problems and "GCP-0076" in problems


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("true", True),
        ('"TRUE"', True),
        ('"Y"', True),
        ("1", True),
        ('"no"', False),
        ("0", False),
        ('"False"', False),
        ('"perhaps"', "?"),
        ("var.unknown", "?"),
        ("var.on", True),
    ],
)
def test_truth_values_of_metadata(written: str, expected: bool | str) -> None:
    compute = model(
        "google.compute",
        f"""
variable "unknown" {{}}
variable "on" {{ default = "yes" }}
resource "google_compute_instance" "app" {{
  metadata = {{ serial-port-enable = {written} }}
}}
""",
    )
    assert state(compute.instances[0].enable_serial_port) == expected


def test_metadata_that_is_not_known_decides_nothing() -> None:
    text = """
variable "metadata" {}
resource "google_compute_instance" "app" {
  metadata = var.metadata
}
resource "google_compute_project_metadata" "project" {
  metadata = merge(var.metadata, { enable-oslogin = "TRUE" })
}
"""
    compute = model("google.compute", text)
    (instance,) = compute.instances
    switches = (instance.os_login_enabled, instance.enable_serial_port, instance.enable_project_ssh_key_blocking)
    assert values(switches) == ["?", "?", "?"]
    assert found(text, "GCP-0030", "GCP-0032", "GCP-0036") == []


def test_a_shielded_block_turns_two_of_three_on() -> None:
    compute = model(
        "google.compute",
        """
resource "google_compute_instance" "with" {
  shielded_instance_config {}
}
resource "google_compute_instance" "without" {}
""",
    )
    shields = [one.shielded_vm for one in compute.instances]
    assert [values((s.secure_boot_enabled, s.vtpm_enabled, s.integrity_monitoring_enabled)) for s in shields] == [
        [False, True, True],
        [False, False, False],
    ]


def test_of_several_projects_the_one_without_os_login_is_judged() -> None:
    text = """
resource "google_compute_project_metadata" "good" {
  metadata = { enable-oslogin = "TRUE" }
}
resource "google_compute_project_metadata" "bad" {
  project  = "other"
  metadata = { enable-oslogin = "FALSE" }
}
"""
    assert found(text, "GCP-0042") == [("GCP-0042", 7)]


def test_an_empty_project_has_nothing_wrong() -> None:
    outcome = judged("locals {}\n")
    assert outcome.findings == []
    assert "GCP-0042" in outcome.passed


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


# NIFCLOUD


def test_rules_of_several_groups_are_found_once() -> None:
    text = """
resource "nifcloud_security_group" "a" {
  group_name  = "a"
  description = "A"
}
resource "nifcloud_security_group" "b" {
  group_name  = "b"
  description = "B"
}
resource "nifcloud_security_group_rule" "in" {
  security_group_names = [nifcloud_security_group.a.group_name, nifcloud_security_group.b.group_name]
  type                 = "IN"
  cidr_ip              = "0.0.0.0/0"
}
"""
    groups = model("nifcloud.computing", text).security_groups
    assert [len(group.ingress_rules) for group in groups] == [1, 1]
    assert found(text, "NIF-0001", "NIF-0003") == [("NIF-0001", 13), ("NIF-0003", 10)]


def example(name: str) -> str:
    text = (Path(__file__).parents[2] / f"data/misconfig/checks/NIF-0006/{name}.tf").read_text()
    return "\n".join(line.strip() for line in text.split("\n"))


def test_the_end_of_a_certificate() -> None:
    # As openssl x509 -enddate says of them; the second is beyond 2049, where DER writes years with four digits.
    assert not_after(example("bad")) == "2020-01-01T00:00:00Z"
    assert not_after(example("good")) == "2120-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "certificate",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nMIAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nMIT/////\n-----END CERTIFICATE-----",
    ],
)
def test_what_is_no_certificate(text: str) -> None:
    assert not_after(text) is None


def test_certificates_cut_anywhere_or_changed_end_in_no_error() -> None:
    text = example("bad")
    body = text.partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END CERTIFICATE-----")[0]
    lines = "".join(body.split())
    for size in range(0, len(lines), 4):
        not_after(f"-----BEGIN CERTIFICATE-----\n{lines[:size]}\n-----END CERTIFICATE-----")
    for index in range(0, len(lines), 3):
        changed = lines[:index] + "/" + lines[index + 1 :]
        not_after(f"-----BEGIN CERTIFICATE-----\n{changed}\n-----END CERTIFICATE-----")


def test_a_certificate_that_is_not_known_is_doubted() -> None:
    text = """
variable "certificate" {}
resource "nifcloud_ssl_certificate" "shop" {
  certificate = var.certificate
}
"""
    assert found(text, "NIF-0006") == []
    assert "NIF-0006" in undecided(text)


def test_listeners_have_the_protocol_of_their_port() -> None:
    network = model(
        "nifcloud.network",
        """
variable "port" {}
resource "nifcloud_load_balancer" "a" {
  load_balancer_port = 21
  ssl_policy_id      = "7"
}
resource "nifcloud_load_balancer_listener" "b" {
  load_balancer_name = "elsewhere"
  load_balancer_port = 80
  ssl_policy_name    = "Standard Ciphers D ver1"
}
resource "nifcloud_load_balancer" "c" { load_balancer_port = "443" }
resource "nifcloud_load_balancer" "d" { load_balancer_port = 8080 }
resource "nifcloud_load_balancer" "e" { load_balancer_port = var.port }
""",
    )
    listeners = [listener for balancer in network.load_balancers for listener in balancer.listeners]
    assert [(state(one.protocol), state(one.tls_policy)) for one in listeners] == [
        ("FTP", "7"),
        ("HTTPS", ""),
        ("custom", ""),
        ("?", ""),
        ("HTTP", "Standard Ciphers D ver1"),
    ]


# All


@pytest.mark.parametrize("provider", ["google", "nifcloud", "digitalocean"])
def test_every_service_stands_without_resources(provider: str) -> None:
    """The empty service of a check's `needs`, and placeholders: nothing in them can be reported."""
    paths = {check.paths[0] for check in all_checks(provider)}
    assert paths
    for path in paths:
        _, service, *_ = path.split(".")
        root = catalog.service(f"{provider}.{service}").model()
        assert not root.cause.managed


def all_checks(provider: str) -> list[Any]:
    owners = [owner for owner in catalog.index().modules if owner.startswith(f"{provider}.")]
    return [check for owner in owners for check in catalog.checks(owner)]


@pytest.mark.parametrize("provider", ["google", "nifcloud", "digitalocean"])
def test_flaws_are_at_places(provider: str) -> None:
    """Each finding of all bad examples says where, within its file."""
    folder = Path(__file__).parents[2] / "data/misconfig/checks"
    ids = {check.id for check in all_checks(provider)}
    for path in sorted(folder.glob("*/bad*.tf")):
        if path.parent.name not in ids:
            continue
        text = path.read_text()
        for placed in judged(text).findings:
            assert 1 <= placed.finding.start <= text.count("\n") + 1
