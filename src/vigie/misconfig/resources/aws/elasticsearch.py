"""Elasticsearch and OpenSearch Service: domains."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute

TERRAFORM = ("aws_elasticsearch_domain", "aws_opensearch_domain")
CLOUDFORMATION = ("AWS::Elasticsearch::Domain", "AWS::OpenSearchService::Domain")


class LogPublishing(Resource):
    """The audit log."""

    audit_enabled: Attribute[bool]
    cloudwatch_log_group_arn: Attribute[str]


class TransitEncryption(Resource):
    """Encryption between nodes."""

    enabled: Attribute[bool]


class AtRestEncryption(Resource):
    """Encryption of what is stored."""

    enabled: Attribute[bool]
    kms_key_id: Attribute[str]


class ServiceSoftwareOptions(Resource):
    """Updates of the software, which only a live account tells of."""

    current_version: Attribute[str] = absent("")
    new_version: Attribute[str] = absent("")
    update_available: Attribute[bool] = absent(False)
    update_status: Attribute[str] = absent("")


class Endpoint(Resource):
    """The HTTP endpoint."""

    enforce_https: Attribute[bool]
    tls_policy: Attribute[str]


class Domain(Resource):
    """A domain: a cluster."""

    domain_name: Attribute[str]
    access_policies: Attribute[str]
    dedicated_master_enabled: Attribute[bool]
    vpc_id: Attribute[str]
    log_publishing: LogPublishing
    transit_encryption: TransitEncryption
    at_rest_encryption: AtRestEncryption
    endpoint: Endpoint
    service_software_options: ServiceSoftwareOptions = field(default_factory=ServiceSoftwareOptions)


class Elasticsearch(Resource):
    """The service."""

    domains: list[Domain]


def from_terraform(graph: Graph) -> Elasticsearch:
    return Elasticsearch(domains=[terraform_domain(block) for block in graph.resources(*TERRAFORM)])


def terraform_domain(block: Block) -> Domain:
    endpoint = block.block("domain_endpoint_options")
    return Domain(
        cause=block.cause,
        domain_name=block.string("domain_name"),
        access_policies=block.string("access_policies"),
        dedicated_master_enabled=block.boolean("cluster_config.dedicated_master_enabled"),
        vpc_id=block.string("vpc_options.vpc_id"),
        log_publishing=terraform_logs(block),
        transit_encryption=TransitEncryption(
            cause=(block.block("node_to_node_encryption") or block).cause,
            enabled=block.boolean("node_to_node_encryption.enabled"),
        ),
        at_rest_encryption=AtRestEncryption(
            cause=(block.block("encrypt_at_rest") or block).cause,
            enabled=block.boolean("encrypt_at_rest.enabled"),
            kms_key_id=block.string("encrypt_at_rest.kms_key_id"),
        ),
        endpoint=Endpoint(
            cause=(endpoint or block).cause,
            # Terraform's default is true, but only within the options.
            enforce_https=block.boolean("domain_endpoint_options.enforce_https", endpoint is not None),
            tls_policy=block.string("domain_endpoint_options.tls_security_policy"),
        ),
    )


def terraform_logs(block: Block) -> LogPublishing:
    """What is said of the audit log; one that may be it when its type is not known."""
    unknown: Attribute[str] | None = None
    for part in block.blocks("log_publishing_options"):
        kind = part.string("log_type")
        if kind.known and kind.value == "AUDIT_LOGS":
            return LogPublishing(
                cause=part.cause,
                audit_enabled=part.boolean("enabled", True),
                cloudwatch_log_group_arn=part.string("cloudwatch_log_group_arn"),
            )
        if not kind.known:
            unknown = kind
    return LogPublishing(
        cause=block.cause,
        audit_enabled=Attribute(
            False, block.cause if unknown is None else unknown.cause, known=unknown is None, explicit=False
        ),
        cloudwatch_log_group_arn=Attribute("", block.cause, explicit=False),
    )


def from_cloudformation(graph: Graph) -> Elasticsearch:
    return Elasticsearch(domains=[cloudformation_domain(block) for block in graph.resources(*CLOUDFORMATION)])


def cloudformation_domain(block: Block) -> Domain:
    config = "ClusterConfig" if block.block("ClusterConfig") else "ElasticsearchClusterConfig"
    logs = block.block("LogPublishingOptions.AUDIT_LOGS") or block.block("LogPublishingOptions") or block
    return Domain(
        cause=block.cause,
        domain_name=block.string("DomainName"),
        access_policies=block.string("AccessPolicies"),
        dedicated_master_enabled=block.boolean(f"{config}.DedicatedMasterEnabled"),
        vpc_id=Attribute("", block.cause, explicit=False),
        log_publishing=LogPublishing(
            cause=logs.cause,
            audit_enabled=block.boolean("LogPublishingOptions.AUDIT_LOGS.Enabled"),
            cloudwatch_log_group_arn=block.string("LogPublishingOptions.AUDIT_LOGS.CloudWatchLogsLogGroupArn"),
        ),
        transit_encryption=TransitEncryption(
            cause=(block.block("NodeToNodeEncryptionOptions") or block).cause,
            enabled=block.boolean("NodeToNodeEncryptionOptions.Enabled"),
        ),
        at_rest_encryption=AtRestEncryption(
            cause=(block.block("EncryptionAtRestOptions") or block).cause,
            enabled=block.boolean("EncryptionAtRestOptions.Enabled"),
            kms_key_id=block.string("EncryptionAtRestOptions.KmsKeyId"),
        ),
        endpoint=Endpoint(
            cause=(block.block("DomainEndpointOptions") or block).cause,
            enforce_https=block.boolean("DomainEndpointOptions.EnforceHTTPS"),
            tls_policy=block.string("DomainEndpointOptions.TLSSecurityPolicy"),
        ),
    )


service = Service(
    path="aws.elasticsearch",
    model=Elasticsearch,
    terraform=Adapter(types=TERRAFORM, fill=from_terraform),
    cloudformation=Adapter(types=CLOUDFORMATION, fill=from_cloudformation),
)
