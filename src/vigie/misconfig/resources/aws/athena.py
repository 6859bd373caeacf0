"""Athena: databases and workgroups."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class Encryption(Resource):
    """How results are encrypted: `SSE_S3`, `SSE_KMS`, `CSE_KMS`, or empty for not."""

    type: Attribute[str]


class Database(Resource):
    """A database."""

    name: Attribute[str]
    encryption: Encryption


class Workgroup(Resource):
    """A workgroup."""

    name: Attribute[str]
    encryption: Encryption
    enforce_configuration: Attribute[bool]


class Athena(Resource):
    """The service."""

    databases: list[Database]
    workgroups: list[Workgroup]


def encryption(block: Block, part: str, option: str) -> Encryption:
    """The encryption of results. part: the path of the nested block, option: its attribute."""
    nested = block.block(part)
    return Encryption(cause=nested.cause if nested else block.cause, type=block.string(f"{part}.{option}"))


def from_terraform(graph: Graph) -> Athena:
    return Athena(
        databases=[
            Database(
                cause=block.cause,
                name=block.string("name"),
                encryption=encryption(block, "encryption_configuration", "encryption_option"),
            )
            for block in graph.resources("aws_athena_database")
        ],
        workgroups=[
            Workgroup(
                cause=block.cause,
                name=block.string("name"),
                encryption=encryption(
                    block, "configuration.result_configuration.encryption_configuration", "encryption_option"
                ),
                # Terraform's default is true, but only within a configuration.
                enforce_configuration=block.boolean(
                    "configuration.enforce_workgroup_configuration", block.block("configuration") is not None
                ),
            )
            for block in graph.resources("aws_athena_workgroup")
        ],
    )


def from_cloudformation(graph: Graph) -> Athena:
    return Athena(
        databases=[],
        workgroups=[
            Workgroup(
                cause=block.cause,
                name=block.string("Name"),
                encryption=encryption(
                    block, "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration", "EncryptionOption"
                ),
                enforce_configuration=block.boolean("WorkGroupConfiguration.EnforceWorkGroupConfiguration"),
            )
            for block in graph.resources("AWS::Athena::WorkGroup")
        ],
    )


service = Service(
    path="aws.athena",
    model=Athena,
    terraform=Adapter(types=("aws_athena_database", "aws_athena_workgroup"), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::Athena::WorkGroup",), fill=from_cloudformation),
)
