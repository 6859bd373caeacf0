"""Checks of EMR."""

from __future__ import annotations

from typing import Any

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.emr import SecurityConfiguration
from vigie.misconfig.resources.aws.policy import decoded
from vigie.misconfig.value import doubts

GUIDE = "https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-data-encryption-options.html"


@check(
    "AWS-0137",
    "aws.emr.security_configuration",
    severity="HIGH",
    code="enable-at-rest-encryption",
    title="EMR should encrypt what is stored",
    why="Data in S3 and on the disks of the cluster can be read by whoever gets at the storage when it is not "
    "encrypted.",
    fix="Set `EnableAtRestEncryption` to true in the configuration's `EncryptionConfiguration`.",
    references=(GUIDE,),
)
def at_rest(security: SecurityConfiguration) -> Flaws:
    if _setting(security, "EnableAtRestEncryption") is False:
        yield flaw("Encryption at rest is off.", security.configuration)


@check(
    "AWS-0138",
    "aws.emr.security_configuration",
    severity="HIGH",
    code="enable-in-transit-encryption",
    title="EMR should encrypt what passes between nodes",
    why="Nodes send each other the data they work on. Without encryption it can be read and changed on its way.",
    fix="Set `EnableInTransitEncryption` to true in the configuration's `EncryptionConfiguration`.",
    references=(GUIDE,),
)
def in_transit(security: SecurityConfiguration) -> Flaws:
    if _setting(security, "EnableInTransitEncryption") is False:
        yield flaw("Encryption in transit is off.", security.configuration)


@check(
    "AWS-0139",
    "aws.emr.security_configuration",
    severity="HIGH",
    code="enable-local-disk-encryption",
    title="EMR should encrypt the local disks of its nodes",
    why="Intermediate results on local disks can be read by whoever gets at the disks when they are not encrypted.",
    fix="Name the provider of keys, AwsKms or Custom, in the `LocalDiskEncryptionConfiguration`.",
    references=(GUIDE,),
)
def local_disks(security: SecurityConfiguration) -> Flaws:
    provider = _setting(
        security, "AtRestEncryptionConfiguration", "LocalDiskEncryptionConfiguration", "EncryptionKeyProviderType"
    )
    if provider == "":
        yield flaw("The encryption of local disks names no provider of keys.", security.configuration)


def _setting(security: SecurityConfiguration, *path: str) -> Any:
    """What the configuration says of its encryption; None when it says nothing, or when it cannot be read."""
    if not security.configuration.certain():
        return None
    value = decoded(security.configuration.value)
    if not isinstance(value, dict):
        doubts.append(security.configuration)
    for name in ("EncryptionConfiguration", *path):
        value = value.get(name) if isinstance(value, dict) else None
    return value
