"""Checks of Elasticsearch and OpenSearch Service."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.elasticsearch import Domain

GUIDE = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide"
MODERN_TLS = ("Policy-Min-TLS-1-2-2019-07", "Policy-Min-TLS-1-2-PFS-2023-10")


@check(
    "AWS-0042",
    "aws.elasticsearch.domains",
    severity="MEDIUM",
    code="enable-domain-logging",
    title="OpenSearch domains should publish audit logs",
    why="Audit logs show who logged in and which documents were read or changed. Without them misuse stays unseen.",
    fix="Publish the log type AUDIT_LOGS to a CloudWatch log group in `log_publishing_options` (CloudFormation: "
    "`LogPublishingOptions`).",
    references=(f"{GUIDE}/audit-logs.html",),
)
def audit_logs(domain: Domain) -> Flaws:
    if not domain.log_publishing.audit_enabled.is_true:
        yield flaw("The domain publishes no audit log.", domain.log_publishing.audit_enabled)


@check(
    "AWS-0043",
    "aws.elasticsearch.domains",
    severity="HIGH",
    code="enable-in-transit-encryption",
    title="OpenSearch domains should encrypt what passes between nodes",
    why="Nodes send each other documents and queries. Without encryption they can be read and changed on their way.",
    fix="Set `node_to_node_encryption.enabled = true` (CloudFormation: `Enabled` of the "
    "`NodeToNodeEncryptionOptions`).",
    references=(f"{GUIDE}/ntn.html",),
)
def in_transit(domain: Domain) -> Flaws:
    if not domain.transit_encryption.enabled.is_true:
        yield flaw("Traffic between the domain's nodes is not encrypted.", domain.transit_encryption.enabled)


@check(
    "AWS-0046",
    "aws.elasticsearch.domains",
    severity="CRITICAL",
    code="enforce-https",
    title="OpenSearch domains should demand HTTPS",
    why="Queries, documents and passwords sent over plain HTTP can be read and changed on their way.",
    fix="Set `domain_endpoint_options.enforce_https = true` (CloudFormation: `EnforceHTTPS` of the "
    "`DomainEndpointOptions`).",
    references=(f"{GUIDE}/infrastructure-security.html",),
)
def https(domain: Domain) -> Flaws:
    if not domain.endpoint.enforce_https.is_true:
        yield flaw("The domain's endpoint accepts plain HTTP.", domain.endpoint.enforce_https)


@check(
    "AWS-0048",
    "aws.elasticsearch.domains",
    severity="HIGH",
    code="enable-domain-encryption",
    title="OpenSearch domains should be encrypted at rest",
    why="Indexes, logs and snapshots can be read by whoever gets at the storage when they are not encrypted.",
    fix="Set `encrypt_at_rest.enabled = true` (CloudFormation: `Enabled` of the `EncryptionAtRestOptions`).",
    references=(f"{GUIDE}/encryption-at-rest.html",),
)
def at_rest(domain: Domain) -> Flaws:
    if not domain.at_rest_encryption.enabled.is_true:
        yield flaw("The domain is not encrypted at rest.", domain.at_rest_encryption.enabled)


@check(
    "AWS-0126",
    "aws.elasticsearch.domains",
    severity="HIGH",
    code="use-secure-tls-policy",
    title="OpenSearch endpoints should accept only TLS 1.2 and newer",
    why="TLS 1.0 and 1.1 have known weaknesses with which traffic can be read or changed on its way.",
    fix="Set `tls_security_policy` (CloudFormation: `TLSSecurityPolicy`) to Policy-Min-TLS-1-2-2019-07 or Policy- "
    "Min-TLS-1-2-PFS-2023-10.",
    references=(f"{GUIDE}/infrastructure-security.html",),
)
def tls_policy(domain: Domain) -> Flaws:
    if not domain.endpoint.tls_policy.equals(*MODERN_TLS):
        yield flaw("The domain's endpoint allows TLS older than 1.2.", domain.endpoint.tls_policy)
