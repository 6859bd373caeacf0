"""Checks of Spaces."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.digitalocean.spaces import Bucket, Object

BUCKETS = "digitalocean.spaces.buckets"
_DOCS = "https://docs.digitalocean.com/products/spaces"


@check(
    "DIG-0006",
    BUCKETS,
    f"{BUCKETS}.objects",
    severity="CRITICAL",
    code="acl-no-public-read",
    title="Spaces buckets and objects should be private",
    why="With this ACL strangers can list the bucket, or read the object.",
    fix="Set `acl` to private, or leave it out.",
    references=(f"{_DOCS}/how-to/set-file-permissions/",),
)
def private(holder: Bucket | Object) -> Flaws:
    if holder.acl.equals("public-read"):
        what = "bucket" if isinstance(holder, Bucket) else "object"
        yield flaw(f"The {what} can be read by everybody.", holder.acl)


@check(
    "DIG-0007",
    BUCKETS,
    severity="MEDIUM",
    code="versioning-enabled",
    title="Spaces buckets should be versioned",
    why="Without versions, objects that are deleted or overwritten, by mistake or by an attacker, are gone.",
    fix="Set `enabled` to true in the `versioning` block.",
    references=(f"{_DOCS}/how-to/enable-versioning/",),
)
def versioned(bucket: Bucket) -> Flaws:
    if bucket.versioning.enabled.is_false:
        yield flaw("The bucket keeps no versions of its objects.", bucket.versioning.enabled)


@check(
    "DIG-0009",
    BUCKETS,
    severity="MEDIUM",
    code="disable-force-destroy",
    title="Spaces buckets should not be destroyed with their objects",
    why="One wrong apply deletes the bucket and everything in it, without asking.",
    fix="Remove `force_destroy`, or set it to false.",
    references=(
        "https://registry.terraform.io/providers/digitalocean/digitalocean/latest/docs/resources/spaces_bucket",
    ),
)
def not_forced(bucket: Bucket) -> Flaws:
    if bucket.force_destroy.is_true:
        yield flaw("The bucket is destroyed even when it holds objects.", bucket.force_destroy)
