"""Cloud KMS: key rings and their keys."""

from __future__ import annotations

import re

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Key(Resource):
    """rotation_period_seconds: -1 for a key that does not rotate by itself."""

    rotation_period_seconds: Attribute[int] = absent(-1)


class KeyRing(Resource):
    keys: list[Key] = []


class KMS(Resource):
    """The service."""

    key_rings: list[KeyRing] = []


def terraform(graph: Graph) -> KMS:
    """Cloud KMS of a Terraform project."""
    rings: dict[Block | None, KeyRing] = {
        block: KeyRing(cause=block.cause) for block in graph.resources("google_kms_key_ring")
    }
    for owner, keys in graph.linked(("google_kms_crypto_key",), "key_ring", "google_kms_key_ring").items():
        rings.setdefault(owner, KeyRing()).keys += [
            Key(cause=block.cause, rotation_period_seconds=seconds(block)) for block in keys
        ]
    return KMS(key_rings=list(rings.values()))


def seconds(block: Block) -> Attribute[int]:
    """The time between rotations: `7776000s`, with up to nine digits of fractions."""
    period = block.string("rotation_period")
    if not period.known:
        return Attribute(0, period.cause, known=False)
    if not period.value:
        return Attribute(-1, period.cause, explicit=period.explicit)
    matched = re.fullmatch(r"(\d{1,15})(?:\.\d{1,9})?s", period.value.strip(), re.ASCII)
    return Attribute(int(matched[1]) if matched else 0, period.cause, known=matched is not None)


service = Service(
    path="google.kms",
    model=KMS,
    terraform=Adapter(types=("google_kms_key_ring", "google_kms_crypto_key"), fill=terraform),
)
