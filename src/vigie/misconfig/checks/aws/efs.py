"""Checks of EFS."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.efs import FileSystem


@check(
    "AWS-0037",
    "aws.efs.file_systems",
    severity="HIGH",
    code="enable-at-rest-encryption",
    title="EFS file systems should be encrypted",
    why="Unencrypted files can be read by whoever gets at the storage. Encryption can only be chosen when the file "
    "system is made.",
    fix="Set `encrypted = true` (CloudFormation: `Encrypted`).",
    references=("https://docs.aws.amazon.com/efs/latest/ug/encryption.html",),
)
def encrypted(system: FileSystem) -> Flaws:
    if not system.encrypted.is_true:
        yield flaw("The file system is not encrypted.", system.encrypted)
