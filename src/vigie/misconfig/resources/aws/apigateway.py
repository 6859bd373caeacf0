"""API Gateway: REST APIs (version 1), HTTP and WebSocket APIs (version 2)."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class AccessLogging(Resource):
    """Where a stage writes its access log."""

    cloudwatch_log_group_arn: Attribute[str] = absent("")


class MethodSettings(Resource):
    """Settings of some methods of a REST API's stage. method: empty in Terraform, which has a path instead."""

    method: Attribute[str] = absent("")
    cache_data_encrypted: Attribute[bool] = absent(False)
    cache_enabled: Attribute[bool] = absent(False)


class RestStage(Resource):
    """A deployed stage of a REST API."""

    name: Attribute[str] = absent("")
    access_logging: AccessLogging = field(default_factory=AccessLogging)
    xray_tracing_enabled: Attribute[bool] = absent(False)
    rest_method_settings: list[MethodSettings] = []


class Method(Resource):
    """A method of a path of a REST API."""

    http_method: Attribute[str] = absent("")
    authorization_type: Attribute[str] = absent("")
    api_key_required: Attribute[bool] = absent(False)


class RestResource(Resource):
    """A path of a REST API; a placeholder for the root path, which is no resource of its own."""

    methods: list[Method] = []


class RestApi(Resource):
    """A REST API."""

    name: Attribute[str] = absent("")
    stages: list[RestStage] = []
    resources: list[RestResource] = []


class DomainName(Resource):
    """A custom domain."""

    name: Attribute[str] = absent("")
    security_policy: Attribute[str] = absent("")


class Version1(Resource):
    """REST APIs."""

    apis: list[RestApi]
    domain_names: list[DomainName]


class Stage(Resource):
    """A stage of an HTTP or WebSocket API."""

    name: Attribute[str]
    access_logging: AccessLogging


class Api(Resource):
    """An HTTP or WebSocket API."""

    name: Attribute[str] = absent("")
    protocol_type: Attribute[str] = absent("")
    stages: list[Stage] = []


class Version2(Resource):
    """HTTP and WebSocket APIs."""

    apis: list[Api]
    domain_names: list[DomainName]


class APIGateway(Resource):
    """The service."""

    v1: Version1
    v2: Version2


def rest_apis(
    graph: Graph,
    api_type: str,
    resource_type: str,
    *,
    links: tuple[str, str],
    stages: dict[Block | None, list[RestStage]],
    methods: dict[Block, Method],
) -> list[RestApi]:
    """The REST APIs with their stages and methods, and a placeholder for those whose API is elsewhere. links: the
    attributes that name an API and a path."""
    api_link, resource_link = links
    found: dict[Block | None, RestApi] = {
        api: RestApi(cause=api.cause, name=title(api)) for api in graph.resources(api_type)
    }
    orphans = RestApi()
    resources: dict[Block, RestResource] = {}
    for block in graph.resources(resource_type):
        parent = graph.target(block, api_link, api_type)
        resources[block] = RestResource(cause=block.cause)
        found.get(parent, orphans).resources.append(resources[block])
    roots: dict[int, RestResource] = {}
    for block, method in methods.items():
        path = graph.target(block, resource_link, resource_type)
        if path in resources:
            resources[path].methods.append(method)
            continue
        parent = graph.target(block, api_link, api_type)
        api = found.get(parent, orphans)
        root = roots.get(id(api))
        if root is None:
            root = roots[id(api)] = RestResource()
            api.resources.append(root)
        root.methods.append(method)
    for parent, own in stages.items():
        found.get(parent, orphans).stages.extend(own)
    return [*found.values(), *([orphans] if orphans.stages or orphans.resources else [])]


def title(block: Block) -> Attribute[str]:
    """The name, as either language spells it."""
    return block.string("Name" if block.format == "cloudformation" else "name")


def apis(graph: Graph, api_type: str, stage_type: str, *, link: str, stage_name: str, destination: str) -> list[Api]:
    """HTTP and WebSocket APIs with their stages, and a placeholder for stages whose API is elsewhere."""
    protocol = "ProtocolType" if graph.format == "cloudformation" else "protocol_type"
    linked = {
        parent: [
            Stage(
                cause=block.cause,
                name=block.string(stage_name),
                access_logging=access_logging(block, destination),
            )
            for block in blocks
        ]
        for parent, blocks in graph.linked((stage_type,), link, api_type).items()
    }
    found = [
        Api(
            cause=block.cause,
            name=title(block),
            protocol_type=block.string(protocol),
            stages=linked.pop(block, []),
        )
        for block in graph.resources(api_type)
    ]
    orphans = [stage for own in linked.values() for stage in own]
    if orphans:
        found.append(Api(stages=orphans))
    return found


def access_logging(block: Block, destination: str) -> AccessLogging:
    """The access log of a stage. destination: the path of the ARN."""
    part = block.block(destination.rpartition(".")[0]) or block
    return AccessLogging(cause=part.cause, cloudwatch_log_group_arn=block.string(destination))


def from_terraform(graph: Graph) -> APIGateway:
    api_type, stage_type = "aws_api_gateway_rest_api", "aws_api_gateway_stage"
    blocks = graph.resources(stage_type)
    stages = {
        block: RestStage(
            cause=block.cause,
            name=block.string("stage_name"),
            access_logging=access_logging(block, "access_log_settings.destination_arn"),
            xray_tracing_enabled=block.boolean("xray_tracing_enabled"),
        )
        for block in blocks
    }
    owners: dict[Block | None, list[RestStage]] = {}
    by_name: dict[tuple[Block | None, str], RestStage] = {}
    for block, stage in stages.items():
        parent = graph.target(block, "rest_api_id", api_type)
        owners.setdefault(parent, []).append(stage)
        if stage.name.known:
            by_name.setdefault((parent, stage.name.value), stage)
    for block in graph.resources("aws_api_gateway_method_settings"):
        parent = graph.target(block, "rest_api_id", api_type)
        name = block.string("stage_name")
        target = graph.target(block, "stage_name", stage_type)
        of = by_name.get((parent, name.value)) if name.known else None
        if of is None and target in stages:
            of = stages[target]
        if of is None:
            of = RestStage()
            owners.setdefault(parent, []).append(of)
        of.rest_method_settings += [
            MethodSettings(
                cause=part.cause,
                method=Attribute("", part.cause, explicit=False),
                cache_data_encrypted=part.boolean("cache_data_encrypted"),
                cache_enabled=part.boolean("caching_enabled"),
            )
            for part in block.blocks("settings")
        ]
    methods = {
        block: Method(
            cause=block.cause,
            http_method=block.string("http_method"),
            authorization_type=block.string("authorization"),
            api_key_required=block.boolean("api_key_required"),
        )
        for block in graph.resources("aws_api_gateway_method")
    }
    links = ("rest_api_id", "resource_id")
    return APIGateway(
        v1=Version1(
            apis=rest_apis(graph, api_type, "aws_api_gateway_resource", links=links, stages=owners, methods=methods),
            domain_names=[
                DomainName(
                    cause=block.cause,
                    name=block.string("domain_name"),
                    security_policy=block.string("security_policy", "TLS_1_0"),
                )
                for block in graph.resources("aws_api_gateway_domain_name")
            ],
        ),
        v2=Version2(
            apis=apis(
                graph,
                "aws_apigatewayv2_api",
                "aws_apigatewayv2_stage",
                link="api_id",
                stage_name="name",
                destination="access_log_settings.destination_arn",
            ),
            domain_names=[
                DomainName(
                    cause=block.cause,
                    name=block.string("domain_name"),
                    security_policy=block.string("domain_name_configuration.security_policy", "TLS_1_0"),
                )
                for block in graph.resources("aws_apigatewayv2_domain_name")
            ],
        ),
    )


def from_cloudformation(graph: Graph) -> APIGateway:
    api_type = "AWS::ApiGateway::RestApi"
    stages = {
        parent: [
            RestStage(
                cause=block.cause,
                name=block.string("StageName"),
                access_logging=access_logging(block, "AccessLogSetting.DestinationArn"),
                xray_tracing_enabled=block.boolean("TracingEnabled"),
                rest_method_settings=[
                    MethodSettings(
                        cause=part.cause,
                        method=part.string("HttpMethod"),
                        cache_data_encrypted=part.boolean("CacheDataEncrypted"),
                        cache_enabled=part.boolean("CachingEnabled"),
                    )
                    for part in block.blocks("MethodSettings")
                ],
            )
            for block in blocks
        ]
        for parent, blocks in graph.linked(("AWS::ApiGateway::Stage",), "RestApiId", api_type).items()
    }
    methods = {
        block: Method(
            cause=block.cause,
            http_method=block.string("HttpMethod"),
            authorization_type=block.string("AuthorizationType"),
            api_key_required=block.boolean("ApiKeyRequired"),
        )
        for block in graph.resources("AWS::ApiGateway::Method")
    }
    links = ("RestApiId", "ResourceId")
    return APIGateway(
        v1=Version1(
            apis=rest_apis(graph, api_type, "AWS::ApiGateway::Resource", links=links, stages=stages, methods=methods),
            domain_names=[
                DomainName(
                    cause=block.cause,
                    name=block.string("DomainName"),
                    security_policy=block.string("SecurityPolicy"),
                )
                for block in graph.resources("AWS::ApiGateway::DomainName")
            ],
        ),
        v2=Version2(
            apis=apis(
                graph,
                "AWS::ApiGatewayV2::Api",
                "AWS::ApiGatewayV2::Stage",
                link="ApiId",
                stage_name="StageName",
                destination="AccessLogSettings.DestinationArn",
            ),
            # The field reads these from the type of version 1, which has no such property.
            domain_names=[
                DomainName(
                    cause=block.cause,
                    name=block.string("DomainName"),
                    security_policy=block.string("DomainNameConfigurations.SecurityPolicy"),
                )
                for block in graph.resources("AWS::ApiGatewayV2::DomainName")
            ],
        ),
    )


service = Service(
    path="aws.apigateway",
    model=APIGateway,
    terraform=Adapter(
        types=(
            "aws_api_gateway_rest_api",
            "aws_api_gateway_resource",
            "aws_api_gateway_stage",
            "aws_api_gateway_method",
            "aws_api_gateway_method_settings",
            "aws_api_gateway_domain_name",
            "aws_apigatewayv2_api",
            "aws_apigatewayv2_stage",
            "aws_apigatewayv2_domain_name",
        ),
        fill=from_terraform,
    ),
    cloudformation=Adapter(
        types=(
            "AWS::ApiGateway::RestApi",
            "AWS::ApiGateway::Resource",
            "AWS::ApiGateway::Stage",
            "AWS::ApiGateway::Method",
            "AWS::ApiGateway::DomainName",
            "AWS::ApiGatewayV2::Api",
            "AWS::ApiGatewayV2::Stage",
            "AWS::ApiGatewayV2::DomainName",
        ),
        fill=from_cloudformation,
    ),
)
