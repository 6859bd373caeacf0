"""Azure: what examples cannot show. Values that are not known leave a doubt, never a pass or a finding, unless one that
is known decides; and what belongs together is found by expressions, through lists and counts."""

from __future__ import annotations

import pytest

from vigie.misconfig.detector import judge_unit
from vigie.misconfig.files import ScannedFiles
from vigie.misconfig.judge import Chosen
from vigie.misconfig.languages.terraform import language
from vigie.misconfig.outcome import Outcome
from vigie.model.inventory import Configuration
from vigie.settings.groups import MisconfigOptions


def judged(text: str) -> Outcome:
    """The outcome of a module of one file."""
    files = ScannedFiles([Configuration("terraform", "main.tf", text.encode())], None)
    [unit] = language.split(files)
    return judge_unit(unit, language, files, MisconfigOptions(), Chosen())


def found(outcome: Outcome, id_: str) -> list[int]:
    return sorted(placed.finding.start for placed in outcome.findings if placed.finding.id == id_)


def state(outcome: Outcome, id_: str) -> str:
    """What became of a check: `found`, `passed`, or `doubt`."""
    if found(outcome, id_):
        return "found"
    if id_ in outcome.passed:
        return "passed"
    assert any(id_ in problem.what for problem in outcome.problems), "neither found nor passed, and no word why"
    return "doubt"


RULE = """
variable "x" {{ type = string }}
resource "azurerm_network_security_rule" "r" {{
  network_security_group_name = "web"
  direction                   = {direction}
  access                      = {access}
  protocol                    = {protocol}
  destination_port_range      = {port}
  source_address_prefix       = {source}
}}
"""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "found"),
        ({"direction": "var.x"}, "doubt"),
        ({"access": "var.x"}, "doubt"),
        ({"protocol": "var.x"}, "doubt"),
        ({"port": "var.x"}, "doubt"),
        ({"port": '"${var.x}-80"'}, "doubt"),
        ({"port": '"ssh"'}, "doubt"),
        ({"source": "var.x"}, "doubt"),
        # One part that is known not to fit decides.
        ({"source": "var.x", "access": '"Deny"'}, "passed"),
        ({"source": "var.x", "direction": '"Outbound"'}, "passed"),
        ({"source": "var.x", "port": '"443"'}, "passed"),
        ({"source": "var.x", "protocol": '"Icmp"'}, "passed"),
        ({"direction": "var.x", "source": '"10.0.0.0/8"'}, "passed"),
        ({"port": "var.x", "source": '"10.0.0.0/8"'}, "passed"),
    ],
)
def test_ssh_rule(changes: dict[str, str], expected: str) -> None:
    parts = {"direction": '"Inbound"', "access": '"Allow"', "protocol": '"Tcp"', "port": '"22"', "source": '"*"'}
    assert state(judged(RULE.format(**{**parts, **changes})), "AZU-0050") == expected


@pytest.mark.parametrize(
    ("id_", "body", "expected"),
    [
        ("AZU-0008", "https_traffic_only_enabled = var.x", "found"),  # "not true": unknown fails, too
        ("AZU-0011", "min_tls_version = var.x", "doubt"),
        ("AZU-0058", "account_replication_type = var.x", "doubt"),
        ("AZU-0061", "infrastructure_encryption_enabled = var.x", "doubt"),
        ("AZU-0012", "network_rules {\n default_action = var.x\n}", "doubt"),
        ("AZU-0010", 'network_rules {\n default_action = "Deny"\n bypass = [var.x]\n}', "doubt"),
        ("AZU-0010", 'network_rules {\n default_action = "Deny"\n bypass = []\n}', "found"),
        ("AZU-0057", "queue_properties {\n logging {\n read = var.x\n}\n}", "doubt"),
        ("AZU-0057", "queue_properties {\n logging {\n read = var.x\n write = true\n}\n}", "passed"),
        ("AZU-0057", "queue_properties {}", "found"),
    ],
)
def test_unknown_values_of_storage(id_: str, body: str, expected: str) -> None:
    text = f'variable "x" {{}}\nresource "azurerm_storage_account" "a" {{\n{body}\n}}\n'
    assert state(judged(text), id_) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("var.x", "doubt"),
        ("azurerm_public_ip.p.id", "found"),
        ("azurerm_public_ip.elsewhere.id", "doubt"),
        ("null", "passed"),
    ],
)
def test_public_address(address: str, expected: str) -> None:
    text = f"""
    variable "x" {{}}
    resource "azurerm_public_ip" "p" {{}}
    resource "azurerm_network_interface" "n" {{
      ip_configuration {{
        public_ip_address_id = {address}
      }}
    }}
    """
    assert state(judged(text), "AZU-0076") == expected


@pytest.mark.parametrize(
    ("scope", "expected"), [("data.azurerm_subscription.s.id", "passed"), ("var.x", "doubt"), ('"/"', "found")]
)
def test_scope_of_a_role(scope: str, expected: str) -> None:
    text = f"""
    variable "x" {{}}
    data "azurerm_subscription" "s" {{}}
    resource "azurerm_role_definition" "r" {{
      permissions {{
        actions = ["*"]
      }}
      assignable_scopes = [{scope}]
    }}
    """
    assert state(judged(text), "AZU-0030") == expected


@pytest.mark.parametrize(
    "ids",
    [
        "[azurerm_network_interface.n[0].id, azurerm_network_interface.n[1].id]",
        "azurerm_network_interface.n[*].id",
        "[for one in azurerm_network_interface.n : one.id]",
        "local.ids",
    ],
)
def test_interfaces_of_a_machine(ids: str) -> None:
    text = f"""
    locals {{
      ids = azurerm_network_interface.n[*].id
    }}
    resource "azurerm_network_interface" "n" {{
      count = 2
      ip_configuration {{}}
    }}
    resource "azurerm_network_interface" "alone" {{}}
    resource "azurerm_network_interface_security_group_association" "g" {{
      network_interface_id      = azurerm_network_interface.n[0].id
      network_security_group_id = "/subscriptions/0/networkSecurityGroups/g"
    }}
    resource "azurerm_linux_virtual_machine" "m" {{
      network_interface_ids = {ids}
    }}
    """
    outcome = judged(text)
    assert [placed.finding.start for placed in outcome.findings if placed.finding.id == "AZU-0068"] == [5]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "found"),
        ("private_cluster_enabled = var.x", "doubt"),
        ("api_server_access_profile {\n authorized_ip_ranges = var.x\n}", "doubt"),
        ("api_server_access_profile {\n authorized_ip_ranges = []\n}", "found"),
        ('api_server_access_profile {\n authorized_ip_ranges = [var.x, "198.51.100.0/24"]\n}', "passed"),
        ("private_cluster_enabled = true\napi_server_authorized_ip_ranges = var.x", "passed"),
    ],
)
def test_addresses_of_a_cluster(body: str, expected: str) -> None:
    text = f'variable "x" {{}}\nresource "azurerm_kubernetes_cluster" "c" {{\n{body}\n}}\n'
    assert state(judged(text), "AZU-0041") == expected


@pytest.mark.parametrize(
    ("id_", "body", "expected"),
    [
        ("AZU-0018", "email_addresses = var.x", "doubt"),
        ("AZU-0018", 'email_addresses = [""]', "found"),
        ("AZU-0018", 'email_addresses = [var.x, "a@example.com"]', "passed"),
        ("AZU-0023", "email_account_admins = var.x", "found"),
        ("AZU-0028", "disabled_alerts = var.x", "doubt"),
    ],
)
def test_unknown_values_of_alert_policies(id_: str, body: str, expected: str) -> None:
    text = f'variable "x" {{}}\nresource "azurerm_mssql_server_security_alert_policy" "p" {{\n{body}\n}}\n'
    assert state(judged(text), id_) == expected


@pytest.mark.parametrize(
    ("id_", "body", "expected"),
    [
        ("AZU-0013", "network_acls {\n default_action = var.x\n}", "doubt"),
        ("AZU-0016", "purge_protection_enabled = var.x", "found"),
        ("AZU-0016", "purge_protection_enabled = true\nsoft_delete_retention_days = var.x", "doubt"),
        ("AZU-0016", "purge_protection_enabled = true\nsoft_delete_retention_days = 91", "found"),
    ],
)
def test_unknown_values_of_vaults(id_: str, body: str, expected: str) -> None:
    text = f'variable "x" {{}}\nresource "azurerm_key_vault" "v" {{\n{body}\n}}\n'
    assert state(judged(text), id_) == expected


@pytest.mark.parametrize(
    ("text", "lowest"),
    [("TLSv1.2", "passed"), ("TLSv1.3,TLSv1.2", "passed"), ("TLSv1.2,TLSv1", "found"), ("TLSV1.3", "passed")],
)
def test_lowest_of_the_tls_versions(text: str, lowest: str) -> None:
    # https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking: one version, or several with commas.
    module = f"""
    resource "azurerm_mysql_flexible_server" "s" {{
      name = "s"
    }}
    resource "azurerm_mysql_flexible_server_configuration" "c" {{
      name        = "tls_version"
      server_name = azurerm_mysql_flexible_server.s.name
      value       = "{text}"
    }}
    """
    assert state(judged(module), "AZU-0026") == lowest


def test_parts_of_what_is_elsewhere_are_judged() -> None:
    outcome = judged(
        """
        variable "x" {}
        resource "azurerm_mssql_firewall_rule" "f" {
          server_id        = var.x
          start_ip_address = "0.0.0.0"
          end_ip_address   = "255.255.255.255"
        }
        resource "azurerm_mssql_server_security_alert_policy" "p" {
          server_name = var.x
        }
        resource "azurerm_key_vault_secret" "s" {
          key_vault_id = var.x
        }
        """
    )
    assert found(outcome, "AZU-0029") == [6]
    assert found(outcome, "AZU-0018") == [8]
    assert found(outcome, "AZU-0017") == [11]
    assert not any(found(outcome, id_) for id_ in ("AZU-0022", "AZU-0027", "AZU-0013", "AZU-0016")), "a placeholder"


def test_an_empty_module_is_judged_for_storage_without_findings() -> None:
    outcome = judged('variable "x" {}\n')
    assert "AZU-0008" in outcome.checks
    assert not outcome.findings


def test_servers_keep_their_own_parameters() -> None:
    outcome = judged(
        """
        resource "azurerm_postgresql_flexible_server" "a" {
          count = 2
        }
        resource "azurerm_postgresql_flexible_server_configuration" "c" {
          name      = "log_connections"
          server_id = azurerm_postgresql_flexible_server.a[1].id
          value     = "on"
        }
        """
    )
    assert len([1 for placed in outcome.findings if placed.finding.id == "AZU-0019"]) == 1
