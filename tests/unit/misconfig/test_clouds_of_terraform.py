"""OpenStack, GitHub, CloudStack, Kubernetes by Terraform: what unknown values lead to, and which attribute wins."""

from __future__ import annotations

import pytest

from vigie.misconfig.detector import judge_unit
from vigie.misconfig.files import ScannedFiles
from vigie.misconfig.judge import Chosen
from vigie.misconfig.languages.terraform import language
from vigie.model.inventory import Configuration
from vigie.settings.groups import MisconfigOptions


def state(text: str, id_: str) -> str:
    """What became of a check in a module of one file: `found`, `passed`, or `doubt`."""
    files = ScannedFiles([Configuration("terraform", "main.tf", text.encode())], None)
    [unit] = language.split(files)
    outcome = judge_unit(unit, language, files, MisconfigOptions(), Chosen())
    if any(placed.finding.id == id_ for placed in outcome.findings):
        return "found"
    if id_ in outcome.passed:
        return "passed"
    assert any(id_ in problem.what for problem in outcome.problems), "neither found nor passed, and no word why"
    return "doubt"


PUBLIC = 'source_ip_address = "8.8.8.8"\ndestination_ip_address = "10.0.0.1"'


@pytest.mark.parametrize(
    ("id_", "type_", "body", "expected"),
    [
        ("OPNSTK-0001", "openstack_compute_instance_v2", "admin_pass = var.x", "doubt"),
        ("OPNSTK-0001", "openstack_compute_instance_v2", 'admin_pass = ""', "passed"),
        ("OPNSTK-0002", "openstack_fw_rule_v1", f'action = "allow"\n{PUBLIC}', "found"),
        ("OPNSTK-0002", "openstack_fw_rule_v1", f"action = var.x\n{PUBLIC}", "doubt"),
        ("OPNSTK-0002", "openstack_fw_rule_v1", f'action = "allow"\nenabled = var.x\n{PUBLIC}', "doubt"),
        ("OPNSTK-0002", "openstack_fw_rule_v1", f'action = "reject"\n{PUBLIC}', "passed"),
        ("OPNSTK-0003", "openstack_networking_secgroup_rule_v2", 'remote_ip_prefix = "0.0.0.0/0"', "passed"),
        (
            "OPNSTK-0003",
            "openstack_networking_secgroup_rule_v2",
            'direction = "ingress"\nremote_ip_prefix = var.x',
            "doubt",
        ),
        (
            "OPNSTK-0003",
            "openstack_networking_secgroup_rule_v2",
            'direction = var.x\nremote_ip_prefix = "10.0.0.0/8"',
            "passed",
        ),
        ("OPNSTK-0005", "openstack_networking_secgroup_v2", "description = var.x", "doubt"),
        ("GIT-0001", "github_repository", "visibility = var.x", "doubt"),
        ("GIT-0001", "github_repository", "private = var.x", "doubt"),
        ("GIT-0001", "github_repository", 'visibility = "private"\nprivate = false', "passed"),
        ("GIT-0001", "github_repository", 'visibility = "public"\nprivate = true', "found"),
        ("GIT-0002", "github_actions_environment_secret", "plaintext_value = var.x", "doubt"),
        ("GIT-0003", "github_repository", "archived = var.x", "doubt"),
        ("GIT-0003", "github_repository", "archived = var.x\nvulnerability_alerts = true", "passed"),
        ("GIT-0004", "github_branch_protection", "require_signed_commits = var.x", "doubt"),
        ("CLDSTK-0001", "cloudstack_instance", "user_data = var.x", "doubt"),
        ("CLDSTK-0001", "cloudstack_instance", 'user_data = base64encode("password=hunter22")', "found"),
        ("OCI-0001", "opc_compute_ip_address_reservation", "ip_address_pool = var.x", "doubt"),
        (
            "KUBE-0001",
            "kubernetes_network_policy",
            "spec {\ningress {\nfrom {\nip_block {\ncidr = var.x\n}\n}\n}\n}",
            "doubt",
        ),
        ("KUBE-0002", "kubernetes_network_policy", "spec {\negress {}\n}", "passed"),
    ],
)
def test_states(id_: str, type_: str, body: str, expected: str) -> None:
    assert state(f'variable "x" {{}}\nresource "{type_}" "r" {{\n{body}\n}}\n', id_) == expected
