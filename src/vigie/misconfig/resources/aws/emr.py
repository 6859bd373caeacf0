"""EMR: security configurations."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph, plain
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute, Unknown


class SecurityConfiguration(Resource):
    """A security configuration. configuration: JSON, with `__UNRESOLVED__` in it where it is not known."""

    name: Attribute[str]
    configuration: Attribute[str]


class EMR(Resource):
    """The service."""

    security_configuration: list[SecurityConfiguration]


def json_text(block: Block, path: str) -> Attribute[str]:
    """A JSON text. One that is known in part counts as known: most name the ARN of a key that is yet to be made."""
    found, cause = block.raw(path)
    value = plain(found.value) if found is not None else None
    if isinstance(value, Unknown) and value.like:
        return Attribute(value.like, cause)
    return block.string(path)


def from_terraform(graph: Graph) -> EMR:
    return EMR(
        security_configuration=[
            SecurityConfiguration(
                cause=block.cause, name=block.string("name"), configuration=json_text(block, "configuration")
            )
            for block in graph.resources("aws_emr_security_configuration")
        ]
    )


service = Service(
    path="aws.emr",
    model=EMR,
    terraform=Adapter(types=("aws_emr_security_configuration",), fill=from_terraform),
)
