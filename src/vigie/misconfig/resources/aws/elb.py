"""Elastic Load Balancing: load balancers and their listeners."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute

BALANCERS = ("aws_lb", "aws_alb")
LISTENERS = ("aws_lb_listener", "aws_alb_listener")
DROP_HEADERS = "routing.http.drop_invalid_header_fields.enabled"


class Action(Resource):
    """What a listener does with requests: `forward`, `redirect`, …"""

    type: Attribute[str]


class Listener(Resource):
    """A listener."""

    protocol: Attribute[str]
    tls_policy: Attribute[str]
    default_actions: list[Action]


class LoadBalancer(Resource):
    """A load balancer: `application`, `network`, `gateway` or `classic`. A placeholder for listeners whose load
    balancer is elsewhere counts as an application load balancer: only those have listeners of the protocol HTTP."""

    type: Attribute[str] = absent("application")
    drop_invalid_header_fields: Attribute[bool] = absent(False)
    internal: Attribute[bool] = absent(False)
    listeners: list[Listener] = []


class ELB(Resource):
    """The service."""

    load_balancers: list[LoadBalancer]


def terraform_listener(block: Block, kind: Attribute[str]) -> Listener:
    """A listener of a load balancer of a kind."""
    return Listener(
        cause=block.cause,
        protocol=block.string("protocol", "HTTP" if kind.value == "application" else ""),
        tls_policy=block.string("ssl_policy"),
        default_actions=[Action(cause=part.cause, type=part.string("type")) for part in block.blocks("default_action")],
    )


def from_terraform(graph: Graph) -> ELB:
    linked = graph.linked(LISTENERS, "load_balancer_arn", *BALANCERS)
    balancers = [
        LoadBalancer(
            cause=block.cause,
            type=kind,
            drop_invalid_header_fields=block.boolean("drop_invalid_header_fields"),
            internal=block.boolean("internal"),
            listeners=[terraform_listener(listener, kind) for listener in linked.pop(block, ())],
        )
        for block in graph.resources(*BALANCERS)
        for kind in [block.string("load_balancer_type", "application")]
    ]
    balancers += [
        LoadBalancer(
            cause=block.cause,
            type=Attribute("classic", block.cause, explicit=False),
            drop_invalid_header_fields=Attribute(False, block.cause, explicit=False),
            internal=block.boolean("internal"),
        )
        for block in graph.resources("aws_elb")
    ]
    for own in linked.values():
        orphans = LoadBalancer()
        orphans.listeners += [terraform_listener(listener, orphans.type) for listener in own]
        balancers.append(orphans)
    return ELB(load_balancers=balancers)


def cloudformation_listener(block: Block, kind: Attribute[str]) -> Listener:
    """A listener of a load balancer of a kind."""
    return Listener(
        cause=block.cause,
        protocol=block.string("Protocol", "HTTP" if kind.value == "application" else ""),
        tls_policy=block.string("SslPolicy"),
        default_actions=[Action(cause=part.cause, type=part.string("Type")) for part in block.blocks("DefaultActions")],
    )


def drops_headers(block: Block) -> Attribute[bool]:
    """What the load balancer's attributes say of invalid headers."""
    for part in block.blocks("LoadBalancerAttributes"):
        if part.string("Key").equals(DROP_HEADERS):
            return part.boolean("Value")
    return Attribute(False, block.cause, explicit=False)


def from_cloudformation(graph: Graph) -> ELB:
    kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    linked = graph.linked(("AWS::ElasticLoadBalancingV2::Listener",), "LoadBalancerArn", kind)
    balancers = [
        LoadBalancer(
            cause=block.cause,
            type=type_,
            drop_invalid_header_fields=drops_headers(block),
            internal=block.string("Scheme").holds(lambda scheme: scheme == "internal"),
            listeners=[cloudformation_listener(listener, type_) for listener in linked.pop(block, ())],
        )
        for block in graph.resources(kind)
        for type_ in [block.string("Type", "application")]
    ]
    for own in linked.values():
        orphans = LoadBalancer()
        orphans.listeners += [cloudformation_listener(listener, orphans.type) for listener in own]
        balancers.append(orphans)
    return ELB(load_balancers=balancers)


service = Service(
    path="aws.elb",
    model=ELB,
    terraform=Adapter(types=(*BALANCERS, *LISTENERS, "aws_elb"), fill=from_terraform),
    cloudformation=Adapter(
        types=("AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::Listener"),
        fill=from_cloudformation,
    ),
)
