"""Checks of Elastic Load Balancing."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.elb import Listener, LoadBalancer

GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application"
OUTDATED_TLS = (
    "ELBSecurityPolicy-2015-05",
    "ELBSecurityPolicy-2016-08",
    "ELBSecurityPolicy-FS-2018-06",
    "ELBSecurityPolicy-FS-1-1-2019-08",
    "ELBSecurityPolicy-TLS-1-0-2015-04",
    "ELBSecurityPolicy-TLS-1-1-2017-01",
    "ELBSecurityPolicy-TLS13-1-0-2021-06",
    "ELBSecurityPolicy-TLS13-1-1-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06",
)


@check(
    "AWS-0047",
    "aws.elb.load_balancers.listeners",
    severity="CRITICAL",
    code="use-secure-tls-policy",
    title="Listeners of load balancers should use a current TLS policy",
    why="Older policies allow TLS 1.0, 1.1 or weak ciphers, with which traffic can be read on its way.",
    fix="Set `ssl_policy` (CloudFormation: `SslPolicy`) to a policy such as ELBSecurityPolicy-TLS13-1-2-Res-2021-06.",
    references=(f"{GUIDE}/describe-ssl-policies.html",),
)
def tls_policy(listener: Listener) -> Flaws:
    if listener.tls_policy.equals(*OUTDATED_TLS):
        yield flaw(f"The policy {listener.tls_policy.value} allows outdated TLS.", listener.tls_policy)


@check(
    "AWS-0052",
    "aws.elb.load_balancers",
    severity="HIGH",
    code="drop-invalid-headers",
    title="Application load balancers should drop invalid headers",
    why="Headers that break the rules of HTTP are understood differently by servers, and attackers smuggle requests "
    "with them.",
    fix="Set `drop_invalid_header_fields = true` (CloudFormation: the load balancer attribute "
    "routing.http.drop_invalid_header_fields.enabled).",
    references=(f"{GUIDE}/application-load-balancers.html#load-balancer-attributes",),
)
def invalid_headers(balancer: LoadBalancer) -> Flaws:
    if balancer.type.equals("application") and not balancer.drop_invalid_header_fields.is_true:
        yield flaw("Invalid headers are passed on.", balancer.drop_invalid_header_fields)


@check(
    "AWS-0053",
    "aws.elb.load_balancers",
    severity="HIGH",
    code="alb-not-public",
    title="Load balancers should not be exposed to the internet",
    why="A load balancer that faces the internet opens what stands behind it to everybody.",
    fix="Set `internal = true` (CloudFormation: `Scheme: internal`), or accept the finding where the load balancer "
    "is meant to be public.",
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html",
    ),
)
def exposed(balancer: LoadBalancer) -> Flaws:
    if not balancer.cause.managed:
        return
    if not balancer.type.equals("gateway") and not balancer.internal.is_true:
        yield flaw("The load balancer faces the internet.", balancer.internal)


@check(
    "AWS-0054",
    "aws.elb.load_balancers",
    severity="CRITICAL",
    code="http-not-used",
    title="Application load balancers should not serve plain HTTP",
    why="What is sent over plain HTTP, sessions and passwords among it, can be read and changed on its way.",
    fix="Use the protocol HTTPS, or make the listener's default action a redirect to it.",
    references=(f"{GUIDE}/create-https-listener.html",),
)
def plain_http(balancer: LoadBalancer) -> Flaws:
    for listener in balancer.listeners:
        # Only application load balancers have listeners of this protocol, so the type need not be known.
        if listener.protocol.equals("HTTP") and not any(
            action.type.equals("redirect") or not action.type.known for action in listener.default_actions
        ):
            yield flaw("The listener serves plain HTTP.", listener.protocol)
