"""Checks of Cloud Storage. Grants of a bucket that is made elsewhere are judged, too; the rest of it cannot be."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.google.grants import Grant
from vigie.misconfig.resources.google.storage import Bucket, Storage

BUCKETS = "google.storage.buckets"
_DOCS = "https://cloud.google.com/storage/docs"


@check(
    "GCP-0001",
    f"{BUCKETS}.members",
    f"{BUCKETS}.bindings",
    severity="HIGH",
    code="no-public-access",
    title="Storage buckets should not be public",
    why="allUsers is everybody, allAuthenticatedUsers everybody with any Google account: what the bucket holds can be "
    "read, or even changed, by strangers.",
    fix="Grant the role to the users, groups or service accounts that need it.",
    references=(f"{_DOCS}/access-control/iam", f"{_DOCS}/public-access-prevention"),
)
def not_public(grant: Grant) -> Flaws:
    for holder in grant.holders:
        if holder.equals("allUsers", "allAuthenticatedUsers"):
            yield flaw(f"The bucket is open to {holder.value}.", holder)


@check(
    "GCP-0002",
    BUCKETS,
    severity="MEDIUM",
    code="enable-ubla",
    title="Storage buckets should have uniform access",
    why="Without uniform access each object has an access list besides the bucket's policy, and objects are public "
    "that nobody meant to be.",
    fix="Set `uniform_bucket_level_access` to true.",
    references=(f"{_DOCS}/uniform-bucket-level-access",),
)
def uniform_access(bucket: Bucket) -> Flaws:
    if bucket.enable_uniform_bucket_level_access.is_false:
        yield flaw("Objects of the bucket have access lists of their own.", bucket.enable_uniform_bucket_level_access)


@check(
    "GCP-0066",
    BUCKETS,
    severity="LOW",
    code="bucket-encryption-customer-key",
    title="Storage buckets should be encrypted with a key of your own",
    why="With Google's own keys nobody can limit, log or withdraw the use of the bucket's key.",
    fix="Set `default_kms_key_name` in the `encryption` block to a key of Cloud KMS.",
    references=(f"{_DOCS}/encryption/customer-managed-keys",),
)
def own_key(bucket: Bucket) -> Flaws:
    if bucket.encryption.default_kms_key_name.is_empty:
        yield flaw("The bucket has no encryption key of its own.", bucket.encryption.default_kms_key_name)


@check(
    "GCP-0077",
    BUCKETS,
    severity="MEDIUM",
    code="enable-bucket-logging",
    aliases=("storage-bucket-logging-not-enabled",),
    needs=("google.storage",),
    title="Storage buckets should log access",
    why="Without access logs nobody can tell who read or changed what.",
    fix="Add a `logging` block that names the bucket which takes the logs.",
    references=(f"{_DOCS}/access-logs",),
)
def access_logged(bucket: Bucket, storage: Storage) -> Flaws:
    if not bucket.cause.managed or not bucket.logging.log_bucket.is_empty or _takes_logs(bucket, storage):
        return
    yield flaw("The bucket does not log access.", bucket.logging.log_bucket)


def _takes_logs(bucket: Bucket, storage: Storage) -> bool:
    """Whether the bucket takes logs of others; in doubt, when names are not known, it might."""
    if storage.unknown_log_bucket is None and not storage.log_buckets:
        return False
    if bucket.name.known and bucket.name.value in storage.log_buckets:
        return True
    return not bucket.name.certain() or not (storage.unknown_log_bucket is None or storage.unknown_log_bucket.certain())


@check(
    "GCP-0078",
    BUCKETS,
    severity="MEDIUM",
    code="enable-bucket-versioning",
    aliases=("storage-bucket-versioning-disabled",),
    title="Storage buckets should be versioned",
    why="Without versions, objects that are deleted or overwritten, by mistake or by an attacker, are gone.",
    fix="Set `enabled` to true in the `versioning` block.",
    references=(f"{_DOCS}/object-versioning",),
)
def versioned(bucket: Bucket) -> Flaws:
    if bucket.cause.managed and not bucket.versioning.enabled.is_true:
        yield flaw("The bucket keeps no versions of its objects.", bucket.versioning.enabled)
