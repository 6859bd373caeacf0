"""RDS and Aurora: instances, clusters, snapshots and parameter groups."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class PerformanceInsights(Resource):
    """Performance Insights: statistics and texts of queries."""

    enabled: Attribute[bool] = absent(False)
    kms_key_id: Attribute[str] = absent("")


class Encryption(Resource):
    """Encryption of the storage."""

    encrypt_storage: Attribute[bool] = absent(False)
    kms_key_id: Attribute[str] = absent("")


class InstanceParameterGroup(Resource):
    """A parameter group that an instance uses."""

    db_parameter_group_name: Attribute[str]


class Instance(Resource):
    """A database instance. storage_encrypted: as `encryption.encrypt_storage`, with another default."""

    backup_retention_period_days: Attribute[int]
    replication_source_arn: Attribute[str]
    performance_insights: PerformanceInsights
    encryption: Encryption
    public_access: Attribute[bool]
    engine: Attribute[str]
    iam_auth_enabled: Attribute[bool]
    deletion_protection: Attribute[bool]
    db_instance_arn: Attribute[str]
    storage_encrypted: Attribute[bool]
    db_instance_identifier: Attribute[str]
    db_parameter_groups: list[InstanceParameterGroup]
    enabled_cloudwatch_logs_exports: list[Attribute[str]]
    engine_version: Attribute[str]
    auto_minor_version_upgrade: Attribute[bool]
    multi_az: Attribute[bool]
    publicly_accessible: Attribute[bool]
    read_replica_db_instance_identifiers: list[Attribute[str]]


class ClusterInstance(Resource):
    """An instance of a cluster."""

    instance: Instance
    cluster_identifier: Attribute[str]


class Cluster(Resource):
    """A cluster. public_access: whether one of its instances is public."""

    backup_retention_period_days: Attribute[int] = absent(1)
    replication_source_arn: Attribute[str] = absent("")
    performance_insights: PerformanceInsights = field(default_factory=PerformanceInsights)
    instances: list[ClusterInstance] = []
    encryption: Encryption = field(default_factory=Encryption)
    public_access: Attribute[bool] = absent(False)
    engine: Attribute[str] = absent("aurora")
    availability_zones: list[Attribute[str]] = []
    deletion_protection: Attribute[bool] = absent(False)


class DBSecurityGroup(Resource):
    """A security group of EC2-Classic."""


class Classic(Resource):
    """What is left of EC2-Classic."""

    db_security_groups: list[DBSecurityGroup] = []


class Snapshot(Resource):
    """A snapshot of an instance."""

    db_snapshot_identifier: Attribute[str]
    db_snapshot_arn: Attribute[str]
    encrypted: Attribute[bool]
    kms_key_id: Attribute[str]


class Parameter(Resource):
    """A parameter of a group."""

    parameter_name: Attribute[str]
    parameter_value: Attribute[str]


class ParameterGroup(Resource):
    """A group of parameters."""

    db_parameter_group_name: Attribute[str]
    db_parameter_group_family: Attribute[str]
    parameters: list[Parameter]


class RDS(Resource):
    """The service."""

    instances: list[Instance]
    clusters: list[Cluster]
    classic: Classic
    parameter_groups: list[ParameterGroup]
    snapshots: list[Snapshot] = []


def public(instances: list[ClusterInstance], cluster: Block) -> Attribute[bool]:
    """Whether one of a cluster's instances is public; not known when that of one is not."""
    unknown = None
    for one in instances:
        access = one.instance.public_access
        if access.known and access.value:
            return access
        if not access.known:
            unknown = access
    return Attribute(False, cluster.cause, explicit=False) if unknown is None else unknown


def insights(block: Block, enabled: str, key: str) -> PerformanceInsights:
    """Performance Insights. enabled, key: the names of the attributes."""
    return PerformanceInsights(cause=block.cause, enabled=block.boolean(enabled), kms_key_id=block.string(key))


def encryption(block: Block, encrypted: str, key: str) -> Encryption:
    """The encryption of the storage. encrypted, key: the names of the attributes."""
    return Encryption(cause=block.cause, encrypt_storage=block.boolean(encrypted), kms_key_id=block.string(key))


def groups(graph: Graph, block: Block, link: str, kind: str, name: str) -> list[InstanceParameterGroup]:
    """The parameter group an instance uses, when it is in the configuration."""
    group = graph.target(block, link, kind)
    if group is None:
        return []
    return [InstanceParameterGroup(cause=group.cause, db_parameter_group_name=group.string(name))]


def from_terraform(graph: Graph) -> RDS:
    linked = {
        parent: [
            ClusterInstance(
                cause=block.cause,
                instance=terraform_instance(graph, block),
                cluster_identifier=block.string("cluster_identifier"),
            )
            for block in blocks
        ]
        for parent, blocks in graph.linked(
            ("aws_rds_cluster_instance",), "cluster_identifier", "aws_rds_cluster"
        ).items()
    }
    clusters = [terraform_cluster(block, linked.pop(block, [])) for block in graph.resources("aws_rds_cluster")]
    clusters += [Cluster(instances=own) for own in linked.values()]
    return RDS(
        instances=[terraform_instance(graph, block) for block in graph.resources("aws_db_instance")],
        clusters=clusters,
        classic=Classic(
            db_security_groups=[
                DBSecurityGroup(cause=block.cause) for block in graph.resources("aws_db_security_group")
            ]
        ),
        snapshots=[
            Snapshot(
                cause=block.cause,
                db_snapshot_identifier=block.string("db_snapshot_identifier"),
                db_snapshot_arn=block.string("db_snapshot_arn"),
                encrypted=block.boolean("encrypted", True),
                kms_key_id=block.string("kms_key_id"),
            )
            for block in graph.resources("aws_db_snapshot")
        ],
        parameter_groups=[
            ParameterGroup(
                cause=block.cause,
                db_parameter_group_name=block.string("name"),
                db_parameter_group_family=block.string("family"),
                parameters=[
                    Parameter(
                        cause=part.cause, parameter_name=part.string("name"), parameter_value=part.string("value")
                    )
                    for part in block.blocks("parameter")
                ],
            )
            for block in graph.resources("aws_db_parameter_group")
        ],
    )


def terraform_instance(graph: Graph, block: Block) -> Instance:
    """An instance, alone or of a cluster."""
    return Instance(
        cause=block.cause,
        backup_retention_period_days=block.integer("backup_retention_period"),
        replication_source_arn=block.string("replicate_source_db"),
        performance_insights=insights(block, "performance_insights_enabled", "performance_insights_kms_key_id"),
        encryption=encryption(block, "storage_encrypted", "kms_key_id"),
        public_access=block.boolean("publicly_accessible"),
        engine=block.string("engine", "aurora"),
        iam_auth_enabled=block.boolean("iam_database_authentication_enabled"),
        deletion_protection=block.boolean("deletion_protection"),
        db_instance_arn=block.string("arn"),
        storage_encrypted=block.boolean("storage_encrypted", True),
        db_instance_identifier=block.string("identifier"),
        db_parameter_groups=groups(
            graph,
            block,
            "parameter_group_name" if block.type == "aws_db_instance" else "db_parameter_group_name",
            "aws_db_parameter_group",
            "name",
        ),
        enabled_cloudwatch_logs_exports=block.strings("enabled_cloudwatch_logs_exports"),
        engine_version=block.string("engine_version"),
        auto_minor_version_upgrade=block.boolean("auto_minor_version_upgrade"),
        multi_az=block.boolean("multi_az"),
        publicly_accessible=block.boolean("publicly_accessible"),
        read_replica_db_instance_identifiers=block.strings("replicate_source_db"),
    )


def terraform_cluster(block: Block, instances: list[ClusterInstance]) -> Cluster:
    return Cluster(
        cause=block.cause,
        backup_retention_period_days=block.integer("backup_retention_period", 1),
        replication_source_arn=block.string("replication_source_identifier"),
        performance_insights=insights(block, "performance_insights_enabled", "performance_insights_kms_key_id"),
        instances=instances,
        encryption=encryption(block, "storage_encrypted", "kms_key_id"),
        public_access=public(instances, block),
        engine=block.string("engine", "aurora"),
        availability_zones=block.strings("availability_zones"),
        deletion_protection=block.boolean("deletion_protection"),
    )


def from_cloudformation(graph: Graph) -> RDS:
    members: list[Block] = []
    instances: list[Block] = []
    for block in graph.resources("AWS::RDS::DBInstance"):
        (members if block.has("DBClusterIdentifier") else instances).append(block)
    linked: dict[Block | None, list[ClusterInstance]] = {}
    for block in members:
        parent = graph.target(block, "DBClusterIdentifier", "AWS::RDS::DBCluster")
        linked.setdefault(parent, []).append(
            ClusterInstance(
                cause=block.cause,
                instance=cloudformation_instance(graph, block),
                cluster_identifier=block.string("DBClusterIdentifier"),
            )
        )
    clusters = [
        cloudformation_cluster(block, linked.pop(block, [])) for block in graph.resources("AWS::RDS::DBCluster")
    ]
    clusters += [Cluster(instances=own) for own in linked.values()]
    return RDS(
        instances=[cloudformation_instance(graph, block) for block in instances],
        clusters=clusters,
        classic=Classic(
            db_security_groups=[
                DBSecurityGroup(cause=block.cause) for block in graph.resources("AWS::RDS::DBSecurityGroup")
            ]
        ),
        parameter_groups=[
            ParameterGroup(
                cause=block.cause,
                db_parameter_group_name=block.string("DBParameterGroupName"),
                db_parameter_group_family=block.string("DBParameterGroupFamily"),
                parameters=cloudformation_parameters(block.mapping("Parameters")),
            )
            for block in graph.resources("AWS::RDS::DBParameterGroup")
        ],
    )


def cloudformation_parameters(written: Attribute[Mapping[str, str]]) -> list[Parameter]:
    return [
        Parameter(
            cause=written.cause,
            parameter_name=Attribute(name, written.cause),
            parameter_value=Attribute(value, written.cause),
        )
        for name, value in written.value.items()
    ]


def cloudformation_instance(graph: Graph, block: Block) -> Instance:
    """An instance, alone or of a cluster."""
    source = "SourceDBInstanceIdentifier"
    return Instance(
        cause=block.cause,
        backup_retention_period_days=block.integer("BackupRetentionPeriod", 1),
        replication_source_arn=block.string(source),
        performance_insights=insights(block, "EnablePerformanceInsights", "PerformanceInsightsKMSKeyId"),
        encryption=encryption(block, "StorageEncrypted", "KmsKeyId"),
        public_access=block.boolean("PubliclyAccessible", True),
        engine=block.string("Engine"),
        iam_auth_enabled=block.boolean("EnableIAMDatabaseAuthentication"),
        deletion_protection=block.boolean("DeletionProtection"),
        db_instance_arn=block.string("DBInstanceArn"),
        storage_encrypted=block.boolean("StorageEncrypted"),
        db_instance_identifier=block.string("DBInstanceIdentifier"),
        db_parameter_groups=groups(
            graph, block, "DBParameterGroupName", "AWS::RDS::DBParameterGroup", "DBParameterGroupName"
        ),
        enabled_cloudwatch_logs_exports=block.strings("EnableCloudwatchLogsExports"),
        engine_version=block.string("EngineVersion"),
        auto_minor_version_upgrade=block.boolean("AutoMinorVersionUpgrade"),
        multi_az=block.boolean("MultiAZ"),
        publicly_accessible=block.boolean("PubliclyAccessible"),
        read_replica_db_instance_identifiers=block.strings(source),
    )


def cloudformation_cluster(block: Block, instances: list[ClusterInstance]) -> Cluster:
    return Cluster(
        cause=block.cause,
        backup_retention_period_days=block.integer("BackupRetentionPeriod", 1),
        replication_source_arn=block.string("ReplicationSourceIdentifier"),
        performance_insights=insights(block, "PerformanceInsightsEnabled", "PerformanceInsightsKmsKeyId"),
        instances=instances,
        encryption=encryption(block, "StorageEncrypted", "KmsKeyId"),
        public_access=public(instances, block),
        engine=block.string("Engine", "aurora"),
        availability_zones=block.strings("AvailabilityZones"),
        deletion_protection=block.boolean("DeletionProtection"),
    )


service = Service(
    path="aws.rds",
    model=RDS,
    terraform=Adapter(
        types=(
            "aws_db_instance",
            "aws_rds_cluster",
            "aws_rds_cluster_instance",
            "aws_db_security_group",
            "aws_db_snapshot",
            "aws_db_parameter_group",
        ),
        fill=from_terraform,
    ),
    cloudformation=Adapter(
        types=(
            "AWS::RDS::DBInstance",
            "AWS::RDS::DBCluster",
            "AWS::RDS::DBSecurityGroup",
            "AWS::RDS::DBParameterGroup",
        ),
        fill=from_cloudformation,
        always=True,
    ),
)
