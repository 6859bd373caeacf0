"""Spaces: buckets and objects. Objects of a bucket that is not in the configuration hang on a placeholder."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Versioning(Resource):
    enabled: Attribute[bool] = absent(False)


class Object(Resource):
    """acl: `private` or `public-read`."""

    acl: Attribute[str] = absent("private")


class Bucket(Resource):
    """acl: `private` or `public-read`."""

    name: Attribute[str] = absent("")
    objects: list[Object] = []
    acl: Attribute[str] = absent("private")
    force_destroy: Attribute[bool] = absent(False)
    versioning: Versioning = field(default_factory=Versioning)


class Spaces(Resource):
    """The service."""

    buckets: list[Bucket] = []


def terraform(graph: Graph) -> Spaces:
    """Spaces of a Terraform project."""
    buckets: dict[Block | None, Bucket] = {
        block: Bucket(
            cause=block.cause,
            name=block.string("name"),
            acl=block.string("acl", "private"),
            force_destroy=block.boolean("force_destroy"),
            versioning=Versioning(
                cause=(block.block("versioning") or block).cause, enabled=block.boolean("versioning.enabled")
            ),
        )
        for block in graph.resources("digitalocean_spaces_bucket")
    }
    links = graph.linked(("digitalocean_spaces_bucket_object",), "bucket", "digitalocean_spaces_bucket")
    for owner, objects in links.items():
        buckets.setdefault(owner, Bucket()).objects += [
            Object(cause=block.cause, acl=block.string("acl", "private")) for block in objects
        ]
    return Spaces(buckets=list(buckets.values()))


service = Service(
    path="digitalocean.spaces",
    model=Spaces,
    terraform=Adapter(types=("digitalocean_spaces_bucket", "digitalocean_spaces_bucket_object"), fill=terraform),
)
