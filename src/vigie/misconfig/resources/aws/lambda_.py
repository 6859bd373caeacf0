"""Lambda: functions and who may call them."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Tracing(Resource):
    """Tracing with X-Ray: `Active`, `PassThrough`, or empty."""

    mode: Attribute[str] = absent("")


class Permission(Resource):
    """Leave for a principal to call a function."""

    principal: Attribute[str]
    source_arn: Attribute[str]


class Function(Resource):
    """A function."""

    tracing: Tracing = field(default_factory=Tracing)
    permissions: list[Permission] = []


class Lambda(Resource):
    """The service."""

    functions: list[Function]


def functions(graph: Graph, types: tuple[str, str], link: str, mode: str, names: tuple[str, str]) -> Lambda:
    """All functions. types: of functions and permissions, link: how a permission names its function, mode: the path of
    the tracing mode, names: the attributes of a permission."""
    function, permission = types
    principal, source = names

    def permissions(blocks: list[Block]) -> list[Permission]:
        return [
            Permission(cause=block.cause, principal=block.string(principal), source_arn=block.string(source))
            for block in blocks
        ]

    linked = graph.linked((permission,), link, function)
    found = [
        Function(
            cause=block.cause,
            tracing=Tracing(cause=(block.block(mode.partition(".")[0]) or block).cause, mode=block.string(mode)),
            permissions=permissions(linked.pop(block, [])),
        )
        for block in graph.resources(function)
    ]
    found += [Function(permissions=permissions(own)) for own in linked.values()]
    return Lambda(functions=found)


TERRAFORM = ("aws_lambda_function", "aws_lambda_permission")
CLOUDFORMATION = ("AWS::Lambda::Function", "AWS::Lambda::Permission")


def from_terraform(graph: Graph) -> Lambda:
    return functions(graph, TERRAFORM, "function_name", "tracing_config.mode", ("principal", "source_arn"))


def from_cloudformation(graph: Graph) -> Lambda:
    return functions(graph, CLOUDFORMATION, "FunctionName", "TracingConfig.Mode", ("Principal", "SourceArn"))


service = Service(
    path="aws.lambda",
    model=Lambda,
    terraform=Adapter(types=TERRAFORM, fill=from_terraform),
    cloudformation=Adapter(types=CLOUDFORMATION, fill=from_cloudformation),
)
