"""Checks of how Compute Engine disks are encrypted."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.google.instances import Disk

_OWN_KEYS = ("https://cloud.google.com/compute/docs/disks/customer-managed-encryption",)


@check(
    "GCP-0033",
    "google.compute.instances.boot_disks",
    "google.compute.instances.attached_disks",
    severity="LOW",
    code="vm-disk-encryption-customer-key",
    title="Disks of instances should be encrypted with a key of your own",
    why="With Google's own keys nobody can limit, log or withdraw the use of a disk's key.",
    fix="Set `kms_key_self_link` of the disk to a key of Cloud KMS.",
    references=_OWN_KEYS,
)
def instance_disk_has_own_key(disk: Disk) -> Flaws:
    if disk.encryption.kms_key_link.is_empty:
        yield flaw("The instance's disk has no encryption key of its own.", disk.encryption.kms_key_link)


@check(
    "GCP-0034",
    "google.compute.disks",
    severity="LOW",
    code="disk-encryption-customer-key",
    title="Disks should be encrypted with a key of your own",
    why="With Google's own keys nobody can limit, log or withdraw the use of a disk's key.",
    fix="Set `kms_key_self_link` in a `disk_encryption_key` block to a key of Cloud KMS.",
    references=_OWN_KEYS,
)
def disk_has_own_key(disk: Disk) -> Flaws:
    if disk.encryption.kms_key_link.is_empty:
        yield flaw("The disk has no encryption key of its own.", disk.encryption.kms_key_link)


@check(
    "GCP-0037",
    "google.compute.disks",
    "google.compute.instances.boot_disks",
    "google.compute.instances.attached_disks",
    severity="CRITICAL",
    code="disk-encryption-no-plaintext-key",
    title="Keys of disks should not stand in the configuration",
    why="A raw key is readable in the configuration, its history and the state: everybody who sees one of them can "
    "decrypt the disk.",
    fix="Name a key of Cloud KMS with `kms_key_self_link`, take the raw key out, and replace it, for it is no secret "
    "any more.",
    references=("https://cloud.google.com/compute/docs/disks/customer-supplied-encryption", *_OWN_KEYS),
)
def no_raw_key(disk: Disk) -> Flaws:
    if disk.encryption.raw_key.is_set:
        yield flaw("The disk's encryption key stands in the configuration.", disk.encryption.raw_key)
