"""Checks of Athena."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.athena import Database, Workgroup


@check(
    "AWS-0006",
    "aws.athena.databases",
    "aws.athena.workgroups",
    severity="HIGH",
    code="enable-at-rest-encryption",
    title="Athena should encrypt query results",
    why="Results of queries are written to S3 and hold copies of the queried data. Unencrypted they can be read by "
    "whoever gets at the bucket.",
    fix="Set the `encryption_option` (CloudFormation: `EncryptionOption`) of the encryption configuration to "
    "SSE_KMS, CSE_KMS or SSE_S3.",
    references=("https://docs.aws.amazon.com/athena/latest/ug/encryption.html",),
)
def results_encrypted(holder: Database | Workgroup) -> Flaws:
    if holder.encryption.type.is_empty:
        yield flaw("Query results are not encrypted.", holder.encryption.type)


@check(
    "AWS-0007",
    "aws.athena.workgroups",
    severity="HIGH",
    code="no-encryption-override",
    title="Clients should not override the settings of Athena workgroups",
    why="When the workgroup's settings are not enforced, a client may send its own: write results elsewhere, and "
    "without encryption.",
    fix="Set `enforce_workgroup_configuration = true` (CloudFormation: `EnforceWorkGroupConfiguration`).",
    references=("https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html",),
)
def settings_enforced(workgroup: Workgroup) -> Flaws:
    if not workgroup.enforce_configuration.is_true:
        yield flaw("Clients may override the workgroup's settings.", workgroup.enforce_configuration)
