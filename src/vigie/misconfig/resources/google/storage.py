"""Cloud Storage: buckets and who may use them.

Grants for a bucket that is not in the configuration hang on a placeholder.
"""

from __future__ import annotations

from functools import cached_property

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.google.grants import Binding, Member, binding, member
from vigie.misconfig.resources.google.parts import partly, required
from vigie.misconfig.value import Attribute


class Encryption(Resource):
    default_kms_key_name: Attribute[str] = absent("")


class Logging(Resource):
    log_bucket: Attribute[str] = absent("")
    log_object_prefix: Attribute[str] = absent("")


class Versioning(Resource):
    enabled: Attribute[bool] = absent(False)


class Bucket(Resource):
    """name, and logging.log_bucket, may hold `UNRESOLVED`: buckets are often named by a project or a random part."""

    name: Attribute[str] = absent("")
    location: Attribute[str] = absent("")
    enable_uniform_bucket_level_access: Attribute[bool] = absent(False)
    members: list[Member] = []
    bindings: list[Binding] = []
    encryption: Encryption = field(default_factory=Encryption)
    logging: Logging = field(default_factory=Logging)
    versioning: Versioning = field(default_factory=Versioning)


class Storage(Resource, dict=True):
    """The service."""

    buckets: list[Bucket] = []

    @cached_property
    def log_buckets(self) -> set[str]:
        """The names of the buckets that take logs of others."""
        names = [one.logging.log_bucket for one in self.buckets]
        return {name.value for name in names if name.known and name.value}

    @cached_property
    def unknown_log_bucket(self) -> Attribute[str] | None:
        """Of the buckets that take logs, one whose name is not known."""
        return next((one.logging.log_bucket for one in self.buckets if not one.logging.log_bucket.known), None)


def terraform(graph: Graph) -> Storage:
    """Cloud Storage of a Terraform project."""
    buckets: dict[Block | None, Bucket] = {
        block: bucket(graph, block) for block in graph.resources("google_storage_bucket")
    }
    for owner, members in graph.linked(
        ("google_storage_bucket_iam_member",), "bucket", "google_storage_bucket"
    ).items():
        buckets.setdefault(owner, Bucket()).members += [member(block) for block in members]
    for owner, bindings in graph.linked(
        ("google_storage_bucket_iam_binding",), "bucket", "google_storage_bucket"
    ).items():
        buckets.setdefault(owner, Bucket()).bindings += [binding(block) for block in bindings]
    return Storage(buckets=list(buckets.values()))


def bucket(graph: Graph, block: Block) -> Bucket:
    logging = block.block("logging")
    return Bucket(
        cause=block.cause,
        name=partly(block, "name"),
        location=block.string("location"),
        enable_uniform_bucket_level_access=block.boolean("uniform_bucket_level_access"),
        encryption=Encryption(
            cause=(block.block("encryption") or block).cause,
            default_kms_key_name=required(block, "encryption.default_kms_key_name"),
        ),
        logging=Logging(
            cause=(logging or block).cause,
            log_bucket=log_bucket(graph, block),
            log_object_prefix=block.string("logging.log_object_prefix"),
        ),
        versioning=Versioning(
            cause=(block.block("versioning") or block).cause, enabled=block.boolean("versioning.enabled")
        ),
    )


def log_bucket(graph: Graph, block: Block) -> Attribute[str]:
    """The name of the bucket that takes the logs, as that bucket itself has it."""
    name = required(block, "logging.log_bucket")
    target = graph.target(block, "logging.log_bucket", "google_storage_bucket") if name.explicit else None
    if target is None or name.known:
        return name
    own = partly(target, "name")
    return Attribute(own.value, name.cause, known=own.known, filled=True)


service = Service(
    path="google.storage",
    model=Storage,
    terraform=Adapter(
        types=(
            "google_storage_bucket",
            "google_storage_bucket_iam_member",
            "google_storage_bucket_iam_binding",
        ),
        fill=terraform,
    ),
)
