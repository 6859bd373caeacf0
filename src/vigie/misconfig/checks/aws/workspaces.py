"""Checks of WorkSpaces."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.workspaces import Workspace


@check(
    "AWS-0109",
    "aws.workspaces.workspaces",
    severity="HIGH",
    code="enable-disk-encryption",
    title="Volumes of WorkSpaces should be encrypted",
    why="Files on a desktop's volumes, and on their snapshots, can be read by whoever gets at the storage when they "
    "are not encrypted.",
    fix="Set `root_volume_encryption_enabled` and `user_volume_encryption_enabled` to true (CloudFormation: "
    "`RootVolumeEncryptionEnabled`, `UserVolumeEncryptionEnabled`).",
    references=("https://docs.aws.amazon.com/workspaces/latest/adminguide/encrypt-workspaces.html",),
)
def disks(workspace: Workspace) -> Flaws:
    if workspace.root_volume.encryption.enabled.is_false:
        yield flaw("The root volume is not encrypted.", workspace.root_volume.encryption.enabled)
    if workspace.user_volume.encryption.enabled.is_false:
        yield flaw("The user volume is not encrypted.", workspace.user_volume.encryption.enabled)
