"""EKS: clusters."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute, Cause


class Logging(Resource):
    """Which logs of the control plane are written."""

    api: Attribute[bool]
    audit: Attribute[bool]
    authenticator: Attribute[bool]
    controller_manager: Attribute[bool]
    scheduler: Attribute[bool]


class Encryption(Resource):
    """Encryption with KMS. secrets: whether it is for Kubernetes secrets."""

    secrets: Attribute[bool]
    kms_key_id: Attribute[str]


class Cluster(Resource):
    """A cluster."""

    logging: Logging
    encryption: Encryption
    public_access_enabled: Attribute[bool]
    public_access_cidrs: list[Attribute[str]]


class EKS(Resource):
    """The service."""

    clusters: list[Cluster]


def listed(items: list[Attribute[str]], wanted: str, otherwise: Cause) -> Attribute[bool]:
    """Whether a list has an item; not known when some items are not and none of the others is it."""
    for item in items:
        if item.known and item.value == wanted:
            return Attribute(True, item.cause)
    return Attribute(
        False, items[0].cause if items else otherwise, known=all(item.known for item in items), explicit=bool(items)
    )


def logging(items: list[Attribute[str]], cause: Cause) -> Logging:
    """The kinds of logs that are listed."""
    return Logging(
        cause=cause,
        api=listed(items, "api", cause),
        audit=listed(items, "audit", cause),
        authenticator=listed(items, "authenticator", cause),
        controller_manager=listed(items, "controllerManager", cause),
        scheduler=listed(items, "scheduler", cause),
    )


def cidrs(block: Block, part: str, path: str) -> list[Attribute[str]]:
    """Who may reach the public endpoint: everybody when nothing is said."""
    if block.has(path):
        return block.strings(path)
    return [Attribute("0.0.0.0/0", (block.block(part) or block).cause, explicit=False)]


def from_terraform(graph: Graph) -> EKS:
    return EKS(
        clusters=[
            Cluster(
                cause=block.cause,
                logging=logging(block.strings("enabled_cluster_log_types"), block.raw("enabled_cluster_log_types")[1]),
                encryption=Encryption(
                    cause=encryption.cause,
                    secrets=listed(block.strings("encryption_config.resources"), "secrets", encryption.cause),
                    kms_key_id=block.string("encryption_config.provider.key_arn"),
                ),
                public_access_enabled=block.boolean("vpc_config.endpoint_public_access", True),
                public_access_cidrs=cidrs(block, "vpc_config", "vpc_config.public_access_cidrs"),
            )
            for block in graph.resources("aws_eks_cluster")
            for encryption in [block.block("encryption_config") or block]
        ]
    )


def from_cloudformation(graph: Graph) -> EKS:
    return EKS(
        clusters=[
            Cluster(
                cause=block.cause,
                logging=logging(
                    [part.string("Type") for part in block.blocks("Logging.ClusterLogging.EnabledTypes")],
                    (block.block("Logging.ClusterLogging") or block.block("Logging") or block).cause,
                ),
                encryption=Encryption(
                    cause=encryption.cause,
                    secrets=listed(block.strings("EncryptionConfig.Resources"), "secrets", encryption.cause),
                    kms_key_id=block.string("EncryptionConfig.Provider.KeyArn"),
                ),
                public_access_enabled=block.boolean("ResourcesVpcConfig.EndpointPublicAccess", True),
                public_access_cidrs=cidrs(block, "ResourcesVpcConfig", "ResourcesVpcConfig.PublicAccessCidrs"),
            )
            for block in graph.resources("AWS::EKS::Cluster")
            for encryption in [block.block("EncryptionConfig") or block]
        ]
    )


service = Service(
    path="aws.eks",
    model=EKS,
    terraform=Adapter(types=("aws_eks_cluster",), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::EKS::Cluster",), fill=from_cloudformation),
)
