"""Compute Engine: what of a configuration is known, and what checks make of what is not.

Expected values: the providers' documentation of each argument and its default.
"""

from __future__ import annotations

import pytest

from terraform_project import found, judged, model, state, undecided, values


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
resource "google_compute_instance" "more" {
  dynamic "service_account" {
    for_each = var.public ? [1] : []
    content { scopes = ["cloud-platform"] }
  }
  dynamic "shielded_instance_config" {
    for_each = var.public ? [1] : []
    content { enable_secure_boot = true }
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
    assert state(compute.instances[1].service_account.is_default) == "?"
    assert state(compute.instances[1].shielded_vm.vtpm_enabled) == "?"
    assert values(one.enable_flow_logs for one in compute.networks[0].subnetworks) == [True, "?"]
    # GCP-0029 asks that flow logs are surely there, GCP-0076 that they are not surely missing.
    assert found(text, "GCP-0031", "GCP-0029", "GCP-0076") == [("GCP-0029", 31)]
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
