"""ElastiCache: clusters, replication groups and security groups."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class Cluster(Resource):
    """A cache cluster."""

    engine: Attribute[str]
    node_type: Attribute[str]
    snapshot_retention_limit: Attribute[int]


class ReplicationGroup(Resource):
    """A cluster of Redis or Valkey with replicas."""

    transit_encryption_enabled: Attribute[bool]
    at_rest_encryption_enabled: Attribute[bool]


class SecurityGroup(Resource):
    """A security group of EC2-Classic."""

    description: Attribute[str]


class ElastiCache(Resource):
    """The service."""

    clusters: list[Cluster]
    replication_groups: list[ReplicationGroup]
    security_groups: list[SecurityGroup]


def from_terraform(graph: Graph) -> ElastiCache:
    return ElastiCache(
        clusters=[
            Cluster(
                cause=block.cause,
                engine=block.string("engine"),
                node_type=block.string("node_type"),
                snapshot_retention_limit=block.integer("snapshot_retention_limit"),
            )
            for block in graph.resources("aws_elasticache_cluster")
        ],
        replication_groups=[
            ReplicationGroup(
                cause=block.cause,
                transit_encryption_enabled=block.boolean("transit_encryption_enabled"),
                at_rest_encryption_enabled=block.boolean("at_rest_encryption_enabled"),
            )
            for block in graph.resources("aws_elasticache_replication_group")
        ],
        security_groups=[
            SecurityGroup(cause=block.cause, description=block.string("description", "Managed by Terraform"))
            for block in graph.resources("aws_elasticache_security_group")
        ],
    )


def from_cloudformation(graph: Graph) -> ElastiCache:
    return ElastiCache(
        clusters=[
            Cluster(
                cause=block.cause,
                engine=block.string("Engine"),
                node_type=block.string("CacheNodeType"),
                snapshot_retention_limit=block.integer("SnapshotRetentionLimit"),
            )
            for block in graph.resources("AWS::ElastiCache::CacheCluster")
        ],
        replication_groups=[
            ReplicationGroup(
                cause=block.cause,
                transit_encryption_enabled=block.boolean("TransitEncryptionEnabled"),
                at_rest_encryption_enabled=block.boolean("AtRestEncryptionEnabled"),
            )
            for block in graph.resources("AWS::ElastiCache::ReplicationGroup")
        ],
        security_groups=[
            SecurityGroup(cause=block.cause, description=block.string("Description"))
            for block in graph.resources("AWS::ElastiCache::SecurityGroup")
        ],
    )


service = Service(
    path="aws.elasticache",
    model=ElastiCache,
    terraform=Adapter(
        types=("aws_elasticache_cluster", "aws_elasticache_replication_group", "aws_elasticache_security_group"),
        fill=from_terraform,
    ),
    cloudformation=Adapter(
        types=(
            "AWS::ElastiCache::CacheCluster",
            "AWS::ElastiCache::ReplicationGroup",
            "AWS::ElastiCache::SecurityGroup",
        ),
        fill=from_cloudformation,
    ),
)
