"""DocumentDB: clusters and their instances."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Instance(Resource):
    """An instance of a cluster. Its key is the cluster's."""

    kms_key_id: Attribute[str]


class Cluster(Resource):
    """A cluster."""

    identifier: Attribute[str] = absent("")
    enabled_log_exports: list[Attribute[str]] = []
    backup_retention_period: Attribute[int] = absent(0)
    instances: list[Instance] = []
    storage_encrypted: Attribute[bool] = absent(False)
    kms_key_id: Attribute[str] = absent("")


class DocumentDB(Resource):
    """The service."""

    clusters: list[Cluster]


def from_terraform(graph: Graph) -> DocumentDB:
    linked = {
        parent: [Instance(cause=block.cause, kms_key_id=block.string("kms_key_id")) for block in blocks]
        for parent, blocks in graph.linked(
            ("aws_docdb_cluster_instance",), "cluster_identifier", "aws_docdb_cluster"
        ).items()
    }
    clusters = [
        Cluster(
            cause=block.cause,
            identifier=block.string("cluster_identifier"),
            enabled_log_exports=block.strings("enabled_cloudwatch_logs_exports"),
            backup_retention_period=block.integer("backup_retention_period"),
            instances=linked.pop(block, []),
            storage_encrypted=block.boolean("storage_encrypted"),
            kms_key_id=block.string("kms_key_id"),
        )
        for block in graph.resources("aws_docdb_cluster")
    ]
    if linked:
        clusters.append(Cluster(instances=[instance for own in linked.values() for instance in own]))
    return DocumentDB(clusters=clusters)


def from_cloudformation(graph: Graph) -> DocumentDB:
    linked = graph.linked(("AWS::DocDB::DBInstance",), "DBClusterIdentifier", "AWS::DocDB::DBCluster")
    return DocumentDB(
        clusters=[
            Cluster(
                cause=block.cause,
                identifier=block.string("DBClusterIdentifier"),
                enabled_log_exports=block.strings("EnableCloudwatchLogsExports"),
                backup_retention_period=block.integer("BackupRetentionPeriod", 1),
                instances=[
                    Instance(cause=instance.cause, kms_key_id=block.string("KmsKeyId"))
                    for instance in linked.get(block, ())
                ],
                storage_encrypted=block.boolean("StorageEncrypted"),
                kms_key_id=block.string("KmsKeyId"),
            )
            for block in graph.resources("AWS::DocDB::DBCluster")
        ]
    )


service = Service(
    path="aws.documentdb",
    model=DocumentDB,
    terraform=Adapter(types=("aws_docdb_cluster", "aws_docdb_cluster_instance"), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::DocDB::DBCluster", "AWS::DocDB::DBInstance"), fill=from_cloudformation),
)
