"""Checks of EKS."""

from __future__ import annotations

from vigie.misconfig.addresses import is_public
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.eks import Cluster

GUIDE = "https://docs.aws.amazon.com/eks/latest/userguide"


@check(
    "AWS-0038",
    "aws.eks.clusters",
    severity="MEDIUM",
    code="enable-control-plane-logging",
    title="EKS clusters should write all logs of their control plane",
    why="The control plane's logs show who asked for what and what was decided. Without them misuse of the cluster "
    "stays unseen and cannot be looked into.",
    fix="List api, audit, authenticator, controllerManager and scheduler in `enabled_cluster_log_types` "
    "(CloudFormation: `EnabledTypes` of the `ClusterLogging`).",
    references=(f"{GUIDE}/control-plane-logs.html",),
)
def control_plane_logs(cluster: Cluster) -> Flaws:
    logging = cluster.logging
    for name, enabled in (
        ("api", logging.api),
        ("audit", logging.audit),
        ("authenticator", logging.authenticator),
        ("controllerManager", logging.controller_manager),
        ("scheduler", logging.scheduler),
    ):
        if enabled.is_false:
            yield flaw(f"The control plane's {name} log is off.", enabled)


@check(
    "AWS-0039",
    "aws.eks.clusters",
    severity="HIGH",
    code="encrypt-secrets",
    title="EKS clusters should encrypt secrets with KMS",
    why="Kubernetes keeps secrets in its database as plain text. Encrypted with a KMS key of your own, a copy of the "
    "database alone gives nothing away.",
    fix="Add an `encryption_config` (CloudFormation: `EncryptionConfig`) for the resource secrets, with the ARN of "
    "a KMS key.",
    references=(f"{GUIDE}/enable-kms.html",),
)
def secrets_encrypted(cluster: Cluster) -> Flaws:
    encryption = cluster.encryption
    if encryption.secrets.is_false:
        yield flaw("Secrets are not encrypted with KMS.", encryption.secrets)
    elif encryption.secrets.is_true and encryption.kms_key_id.is_empty:
        yield flaw("The encryption of secrets names no key.", encryption.kms_key_id)


@check(
    "AWS-0040",
    "aws.eks.clusters",
    severity="CRITICAL",
    code="no-public-cluster-access",
    title="The API of EKS clusters should be private",
    why="An API server on the internet can be attacked by everybody: with stolen credentials, and with the next "
    "vulnerability in Kubernetes.",
    fix="Set `endpoint_public_access = false` and `endpoint_private_access = true` (CloudFormation: "
    "`EndpointPublicAccess`, `EndpointPrivateAccess`).",
    references=(f"{GUIDE}/cluster-endpoint.html",),
)
def public_endpoint(cluster: Cluster) -> Flaws:
    if cluster.public_access_enabled.is_true:
        yield flaw("The cluster's API is open to the internet.", cluster.public_access_enabled)


@check(
    "AWS-0041",
    "aws.eks.clusters",
    severity="CRITICAL",
    code="no-public-cluster-access-to-cidr",
    title="The public API of EKS clusters should be limited to known addresses",
    why="Addresses that anybody may use let everybody try the API server, with stolen credentials or vulnerabilities.",
    fix="List the networks that need the endpoint in `public_access_cidrs` (CloudFormation: `PublicAccessCidrs`), "
    "or turn off public access.",
    references=(f"{GUIDE}/cluster-endpoint.html",),
)
def public_cidrs(cluster: Cluster) -> Flaws:
    if not cluster.public_access_enabled.is_true:
        return
    for cidr in cluster.public_access_cidrs:
        if cidr.certain() and is_public(cidr.value):
            yield flaw(f"The cluster's API can be reached from {cidr.value}.", cidr)
