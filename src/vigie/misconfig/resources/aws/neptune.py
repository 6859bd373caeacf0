"""Neptune: clusters."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class Logging(Resource):
    """Which logs are exported."""

    audit: Attribute[bool]


class Cluster(Resource):
    """A cluster."""

    logging: Logging
    storage_encrypted: Attribute[bool]
    kms_key_id: Attribute[str]


class Neptune(Resource):
    """The service."""

    clusters: list[Cluster]


def logging(block: Block, path: str) -> Logging:
    """Whether the audit log is among the exported ones; not known when one of them is not."""
    items, cause = block.strings(path), block.raw(path)[1]
    audit = any(item.known and item.value == "audit" for item in items)
    known = audit or all(item.known for item in items)
    return Logging(cause=cause, audit=Attribute(audit, cause, known=known, explicit=bool(items)))


def from_terraform(graph: Graph) -> Neptune:
    return Neptune(
        clusters=[
            Cluster(
                cause=block.cause,
                logging=logging(block, "enable_cloudwatch_logs_exports"),
                storage_encrypted=block.boolean("storage_encrypted"),
                kms_key_id=block.string("kms_key_arn"),
            )
            for block in graph.resources("aws_neptune_cluster")
        ]
    )


def from_cloudformation(graph: Graph) -> Neptune:
    return Neptune(
        clusters=[
            Cluster(
                cause=block.cause,
                logging=logging(block, "EnableCloudwatchLogsExports"),
                storage_encrypted=block.boolean("StorageEncrypted"),
                kms_key_id=block.string("KmsKeyId"),
            )
            for block in graph.resources("AWS::Neptune::DBCluster")
        ]
    )


service = Service(
    path="aws.neptune",
    model=Neptune,
    terraform=Adapter(types=("aws_neptune_cluster",), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::Neptune::DBCluster",), fill=from_cloudformation),
)
