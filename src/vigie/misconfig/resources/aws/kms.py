"""AWS KMS: keys."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Key(Resource):
    usage: Attribute[str] = absent("ENCRYPT_DECRYPT")
    rotation_enabled: Attribute[bool] = absent(False)


class Kms(Resource):
    keys: list[Key] = []


def terraform(graph: Graph) -> Kms:
    """Keys of a Terraform project."""
    return Kms(
        keys=[
            Key(
                cause=block.cause,
                usage=block.string("key_usage", "ENCRYPT_DECRYPT"),
                rotation_enabled=block.boolean("enable_key_rotation"),
            )
            for block in graph.resources("aws_kms_key")
        ]
    )


service = Service(path="aws.kms", model=Kms, terraform=Adapter(types=("aws_kms_key",), fill=terraform))
