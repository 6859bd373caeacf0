"""DynamoDB: tables and DAX clusters."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute

DEFAULT_KEY = "alias/aws/dynamodb"


class ServerSideEncryption(Resource):
    """Encryption with KMS. kms_key_id: AWS's own key when none is named."""

    enabled: Attribute[bool]
    kms_key_id: Attribute[str]


class DAXCluster(Resource):
    """A cache in front of tables."""

    server_side_encryption: ServerSideEncryption
    point_in_time_recovery: Attribute[bool]


class Table(Resource):
    """A table."""

    server_side_encryption: ServerSideEncryption
    point_in_time_recovery: Attribute[bool]


class DynamoDB(Resource):
    """The service."""

    dax_clusters: list[DAXCluster]
    tables: list[Table]


def from_terraform(graph: Graph) -> DynamoDB:
    return DynamoDB(
        dax_clusters=[
            DAXCluster(
                cause=block.cause,
                server_side_encryption=ServerSideEncryption(
                    cause=(block.block("server_side_encryption") or block).cause,
                    enabled=block.boolean("server_side_encryption.enabled"),
                    kms_key_id=Attribute("", block.cause, explicit=False),
                ),
                point_in_time_recovery=block.boolean("point_in_time_recovery.enabled"),
            )
            for block in graph.resources("aws_dax_cluster")
        ],
        tables=[
            Table(
                cause=block.cause,
                server_side_encryption=ServerSideEncryption(
                    cause=(part or block).cause,
                    enabled=block.boolean("server_side_encryption.enabled"),
                    kms_key_id=block.string("server_side_encryption.kms_key_arn", DEFAULT_KEY if part else ""),
                ),
                point_in_time_recovery=block.boolean("point_in_time_recovery.enabled"),
            )
            for block in graph.resources("aws_dynamodb_table")
            for part in [block.block("server_side_encryption")]
        ],
    )


def from_cloudformation(graph: Graph) -> DynamoDB:
    return DynamoDB(
        dax_clusters=[
            DAXCluster(
                cause=block.cause,
                server_side_encryption=ServerSideEncryption(
                    cause=(block.block("SSESpecification") or block).cause,
                    enabled=block.boolean("SSESpecification.SSEEnabled"),
                    kms_key_id=Attribute("", block.cause, explicit=False),
                ),
                point_in_time_recovery=Attribute(False, block.cause, explicit=False),
            )
            for block in graph.resources("AWS::DAX::Cluster")
        ],
        tables=[
            Table(
                cause=block.cause,
                server_side_encryption=ServerSideEncryption(
                    cause=(block.block("SSESpecification") or block).cause,
                    enabled=block.boolean("SSESpecification.SSEEnabled"),
                    kms_key_id=block.string("SSESpecification.KMSMasterKeyId", DEFAULT_KEY),
                ),
                point_in_time_recovery=block.boolean("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"),
            )
            for block in graph.resources("AWS::DynamoDB::Table")
        ],
    )


service = Service(
    path="aws.dynamodb",
    model=DynamoDB,
    terraform=Adapter(types=("aws_dax_cluster", "aws_dynamodb_table"), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::DAX::Cluster", "AWS::DynamoDB::Table"), fill=from_cloudformation),
)
