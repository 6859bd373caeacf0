"""Redshift: clusters, their parameters and security groups."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class Endpoint(Resource):
    """Where clients connect."""

    port: Attribute[int]


class Encryption(Resource):
    """Encryption of what is stored."""

    enabled: Attribute[bool]
    kms_key_id: Attribute[str]


class Cluster(Resource):
    """A cluster. Retention periods are days."""

    cluster_identifier: Attribute[str]
    node_type: Attribute[str]
    vpc_id: Attribute[str]
    number_of_nodes: Attribute[int]
    publicly_accessible: Attribute[bool]
    allow_version_upgrade: Attribute[bool]
    master_username: Attribute[str]
    automated_snapshot_retention_period: Attribute[int]
    logging_enabled: Attribute[bool]
    endpoint: Endpoint
    encryption: Encryption
    subnet_group_name: Attribute[str]


class ClusterParameter(Resource):
    """A parameter of a parameter group."""

    parameter_name: Attribute[str]
    parameter_value: Attribute[str]


class SecurityGroup(Resource):
    """A security group of EC2-Classic."""

    description: Attribute[str]


class Redshift(Resource):
    """The service."""

    clusters: list[Cluster]
    cluster_parameters: list[ClusterParameter]
    security_groups: list[SecurityGroup]


def from_terraform(graph: Graph) -> Redshift:
    return Redshift(
        clusters=[terraform_cluster(block) for block in graph.resources("aws_redshift_cluster")],
        cluster_parameters=[
            ClusterParameter(cause=part.cause, parameter_name=part.string("name"), parameter_value=part.string("value"))
            for block in graph.resources("aws_redshift_parameter_group")
            for part in block.blocks("parameter")
        ],
        security_groups=[
            SecurityGroup(cause=block.cause, description=block.string("description", "Managed by Terraform"))
            for block in graph.resources("aws_redshift_security_group")
        ],
    )


def terraform_cluster(block: Block) -> Cluster:
    snapshots = block.block("snapshot_copy")
    return Cluster(
        cause=block.cause,
        cluster_identifier=block.string("cluster_identifier"),
        node_type=block.string("node_type"),
        vpc_id=Attribute("", block.cause, explicit=False),
        number_of_nodes=block.integer("number_of_nodes", 1),
        publicly_accessible=block.boolean("publicly_accessible", True),
        allow_version_upgrade=block.boolean("allow_version_upgrade", True),
        master_username=block.string("master_username"),
        automated_snapshot_retention_period=block.integer("snapshot_copy.retention_period", 7 if snapshots else 0),
        logging_enabled=block.boolean("logging.enable"),
        endpoint=Endpoint(cause=block.cause, port=block.integer("port", 5439)),
        encryption=Encryption(
            cause=block.cause, enabled=block.boolean("encrypted"), kms_key_id=block.string("kms_key_id")
        ),
        subnet_group_name=block.string("cluster_subnet_group_name"),
    )


def from_cloudformation(graph: Graph) -> Redshift:
    return Redshift(
        clusters=[cloudformation_cluster(block) for block in graph.resources("AWS::Redshift::Cluster")],
        cluster_parameters=[
            ClusterParameter(
                cause=part.cause,
                parameter_name=part.string("ParameterName"),
                parameter_value=part.string("ParameterValue"),
            )
            for block in graph.resources("AWS::Redshift::ClusterParameterGroup")
            for part in block.blocks("Parameters")
        ],
        security_groups=[
            SecurityGroup(cause=block.cause, description=block.string("Description"))
            for block in graph.resources("AWS::Redshift::ClusterSecurityGroup")
        ],
    )


def cloudformation_cluster(block: Block) -> Cluster:
    return Cluster(
        cause=block.cause,
        cluster_identifier=block.string("ClusterIdentifier"),
        node_type=block.string("NodeType"),
        vpc_id=Attribute("", block.cause, explicit=False),
        number_of_nodes=block.integer("NumberOfNodes", 1),
        publicly_accessible=block.boolean("PubliclyAccessible"),
        allow_version_upgrade=block.boolean("AllowVersionUpgrade", True),
        master_username=block.string("MasterUsername"),
        automated_snapshot_retention_period=block.integer("AutomatedSnapshotRetentionPeriod", 1),
        logging_enabled=Attribute(False, block.cause, explicit=False),
        endpoint=Endpoint(cause=block.cause, port=block.integer("Endpoint.Port")),
        encryption=Encryption(
            cause=block.cause, enabled=block.boolean("Encrypted"), kms_key_id=block.string("KmsKeyId")
        ),
        subnet_group_name=block.string("ClusterSubnetGroupName"),
    )


service = Service(
    path="aws.redshift",
    model=Redshift,
    terraform=Adapter(
        types=("aws_redshift_cluster", "aws_redshift_parameter_group", "aws_redshift_security_group"),
        fill=from_terraform,
    ),
    cloudformation=Adapter(
        types=(
            "AWS::Redshift::Cluster",
            "AWS::Redshift::ClusterParameterGroup",
            "AWS::Redshift::ClusterSecurityGroup",
        ),
        fill=from_cloudformation,
    ),
)
