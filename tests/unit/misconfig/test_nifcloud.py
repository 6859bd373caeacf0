"""NIFCLOUD: what of a configuration is known. Then what holds for all checks of it, Google Cloud and DigitalOcean.

Expected values: the providers' documentation of each argument and its default.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from terraform_project import found, judged, model, state, undecided
from vigie.misconfig import catalog
from vigie.misconfig.resources.nifcloud.sslcertificate import not_after


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
