"""Checks of CloudFront."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.cloudfront import Distribution

GUIDE = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide"
MODERN_TLS = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")


@check(
    "AWS-0010",
    "aws.cloudfront.distributions",
    severity="MEDIUM",
    code="enable-logging",
    title="CloudFront distributions should log requests",
    why="Without logs nobody can tell who asked for what, so attacks and leaks stay unseen and cannot be looked into.",
    fix="Name a bucket in `logging_config` (CloudFormation: `Logging`), or deliver the distribution's logs with a "
    "log delivery of CloudWatch Logs.",
    references=(f"{GUIDE}/standard-logging.html",),
)
def logging(distribution: Distribution) -> Flaws:
    if distribution.logging.v2.enabled.is_true:
        return
    if distribution.logging.bucket.is_empty:
        yield flaw("The distribution writes no access log.", distribution.logging.bucket)


@check(
    "AWS-0011",
    "aws.cloudfront.distributions",
    severity="HIGH",
    code="enable-waf",
    title="CloudFront distributions should stand behind a web application firewall",
    why="A web ACL stops common attacks, such as SQL injection and floods of requests, at the edge. Without one they "
    "reach the application.",
    fix="Set `web_acl_id` (CloudFormation: `WebACLId`) to the ARN of a web ACL.",
    references=(f"{GUIDE}/distribution-web-awswaf.html",),
)
def firewall(distribution: Distribution) -> Flaws:
    if distribution.waf_id.is_empty:
        yield flaw("No web ACL protects the distribution.", distribution.waf_id)


@check(
    "AWS-0012",
    "aws.cloudfront.distributions",
    severity="CRITICAL",
    code="enforce-https",
    title="CloudFront viewers should not use plain HTTP",
    why="What is sent over plain HTTP, sessions and passwords among it, can be read and changed on its way.",
    fix="Set the `viewer_protocol_policy` (CloudFormation: `ViewerProtocolPolicy`) of every cache behaviour to "
    "redirect-to-https or https-only.",
    references=(f"{GUIDE}/using-https-viewers-to-cloudfront.html",),
)
def https(distribution: Distribution) -> Flaws:
    for behaviour in (distribution.default_cache_behaviour, *distribution.orderer_cache_behaviours):
        if behaviour.viewer_protocol_policy.equals("allow-all"):
            yield flaw("The cache behaviour allows plain HTTP.", behaviour.viewer_protocol_policy)


@check(
    "AWS-0013",
    "aws.cloudfront.distributions",
    severity="HIGH",
    code="use-secure-tls-policy",
    title="CloudFront distributions should demand modern TLS",
    why="Older security policies allow TLS 1.0, 1.1 or weak ciphers, with which traffic can be read on its way.",
    fix="Set the certificate's `minimum_protocol_version` (CloudFormation: `MinimumProtocolVersion`) to "
    "TLSv1.2_2021 or newer.",
    references=(f"{GUIDE}/secure-connections-supported-viewer-protocols-ciphers.html",),
)
def tls_policy(distribution: Distribution) -> Flaws:
    certificate = distribution.viewer_certificate
    if certificate.cloudfront_default_certificate.is_false and not certificate.minimum_protocol_version.equals(
        *MODERN_TLS
    ):
        yield flaw("The distribution allows outdated TLS.", certificate.minimum_protocol_version)
