"""Resources of the Serverless Application Model, as they are written: before CloudFormation transforms them."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph, plain, text
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.resources.aws.policy import NamedPolicy, read_policy
from vigie.misconfig.value import Attribute


class DomainConfiguration(Resource):
    """A custom domain."""

    name: Attribute[str]
    security_policy: Attribute[str]


class AccessLogging(Resource):
    """Where access logs are written."""

    cloudwatch_log_group_arn: Attribute[str]


class RestMethodSettings(Resource):
    """Settings of methods; of several, the first whose cache is not encrypted."""

    cache_data_encrypted: Attribute[bool]
    logging_enabled: Attribute[bool]
    data_trace_enabled: Attribute[bool]
    metrics_enabled: Attribute[bool]


class API(Resource):
    """A REST API."""

    name: Attribute[str]
    tracing_enabled: Attribute[bool]
    domain_configuration: DomainConfiguration
    access_logging: AccessLogging
    rest_method_settings: RestMethodSettings


class RouteSettings(Resource):
    """Settings of routes."""

    logging_enabled: Attribute[bool]
    data_trace_enabled: Attribute[bool]
    detailed_metrics_enabled: Attribute[bool]


class HttpAPI(Resource):
    """An HTTP API."""

    name: Attribute[str]
    access_logging: AccessLogging
    default_route_settings: RouteSettings
    domain_configuration: DomainConfiguration


class Function(Resource):
    """A function. managed_policies: names and ARNs, policies: those written out."""

    function_name: Attribute[str]
    tracing: Attribute[str]
    managed_policies: list[Attribute[str]]
    policies: list[NamedPolicy]


class SSESpecification(Resource):
    """Server-side encryption."""

    enabled: Attribute[bool]
    kms_master_key_id: Attribute[str]


class SimpleTable(Resource):
    """A table of DynamoDB."""

    table_name: Attribute[str]
    sse_specification: SSESpecification


class LoggingConfiguration(Resource):
    """Logs of executions."""

    logging_enabled: Attribute[bool]


class TracingConfiguration(Resource):
    """Tracing with X-Ray."""

    enabled: Attribute[bool]


class StateMachine(Resource):
    """A state machine of Step Functions."""

    name: Attribute[str]
    logging_configuration: LoggingConfiguration
    managed_policies: list[Attribute[str]]
    policies: list[NamedPolicy]
    tracing: TracingConfiguration


class SAM(Resource):
    """The service."""

    apis: list[API]
    functions: list[Function]
    http_apis: list[HttpAPI]
    simple_tables: list[SimpleTable]
    state_machines: list[StateMachine]


def logs(block: Block, path: str) -> Attribute[bool]:
    """Whether a level of logging is set, and is not OFF."""
    return block.string(path).holds(lambda level: level not in ("", "OFF"))


def domain(block: Block) -> DomainConfiguration:
    return DomainConfiguration(
        cause=(block.block("Domain") or block).cause,
        name=block.string("Domain.DomainName"),
        security_policy=block.string("Domain.SecurityPolicy"),
    )


def access_logging(block: Block, part: str) -> AccessLogging:
    return AccessLogging(
        cause=(block.block(part) or block).cause, cloudwatch_log_group_arn=block.string(f"{part}.DestinationArn")
    )


def method_settings(block: Block) -> RestMethodSettings:
    parts = block.blocks("MethodSettings")
    if not parts:
        off = Attribute(False, block.raw("MethodSettings")[1], explicit=False)
        return RestMethodSettings(
            cause=off.cause,
            cache_data_encrypted=block.boolean("MethodSettings.CacheDataEncrypted"),
            logging_enabled=off,
            data_trace_enabled=off,
            metrics_enabled=off,
        )
    encrypted = [part.boolean("CacheDataEncrypted") for part in parts]
    first = next((place for place, one in enumerate(encrypted) if not (one.known and one.value)), 0)
    part = parts[first]
    return RestMethodSettings(
        cause=part.cause,
        cache_data_encrypted=encrypted[first],
        logging_enabled=logs(part, "LoggingLevel"),
        data_trace_enabled=part.boolean("DataTraceEnabled"),
        metrics_enabled=part.boolean("MetricsEnabled"),
    )


def policies(block: Block) -> tuple[list[Attribute[str]], list[NamedPolicy]]:
    """Policies by name, and those written out. Templates of SAM (`S3ReadPolicy: …`) are neither."""
    found, cause = block.raw("Policies")
    if found is None:
        return [], []
    value = plain(found.value)
    managed: list[Attribute[str]] = []
    written: list[NamedPolicy] = []
    for item in value if isinstance(value, (list, tuple)) else [value]:
        if not isinstance(item, dict):
            managed.append(text(item, cause))
        elif "Statement" in item and (policy := read_policy(item)) is not None:
            written.append(
                NamedPolicy(
                    cause=cause,
                    name=Attribute("", cause, explicit=False),
                    document=Attribute(policy, cause),
                    builtin=Attribute(False, cause, explicit=False),
                )
            )
    return managed, written


def function(block: Block) -> Function:
    managed, written = policies(block)
    return Function(
        cause=block.cause,
        function_name=block.string("FunctionName"),
        tracing=block.string("Tracing"),
        managed_policies=managed,
        policies=written,
    )


def state_machine(block: Block) -> StateMachine:
    managed, written = policies(block)
    return StateMachine(
        cause=block.cause,
        name=block.string("Name"),
        logging_configuration=LoggingConfiguration(
            cause=(block.block("Logging") or block).cause, logging_enabled=logs(block, "Logging.Level")
        ),
        managed_policies=managed,
        policies=written,
        tracing=TracingConfiguration(
            cause=(block.block("Tracing") or block).cause, enabled=block.boolean("Tracing.Enabled")
        ),
    )


def from_cloudformation(graph: Graph) -> SAM:
    return SAM(
        apis=[
            API(
                cause=block.cause,
                name=block.string("Name"),
                tracing_enabled=block.boolean("TracingEnabled"),
                domain_configuration=domain(block),
                access_logging=access_logging(block, "AccessLogSetting"),
                rest_method_settings=method_settings(block),
            )
            for block in graph.resources("AWS::Serverless::Api")
        ],
        functions=[function(block) for block in graph.resources("AWS::Serverless::Function")],
        http_apis=[
            HttpAPI(
                cause=block.cause,
                name=block.string("Name"),
                access_logging=access_logging(block, "AccessLogSettings"),
                default_route_settings=RouteSettings(
                    cause=(block.block("DefaultRouteSettings") or block).cause,
                    logging_enabled=logs(block, "DefaultRouteSettings.LoggingLevel"),
                    data_trace_enabled=block.boolean("DefaultRouteSettings.DataTraceEnabled"),
                    detailed_metrics_enabled=block.boolean("DefaultRouteSettings.DetailedMetricsEnabled"),
                ),
                domain_configuration=domain(block),
            )
            for block in graph.resources("AWS::Serverless::HttpApi")
        ],
        simple_tables=[
            SimpleTable(
                cause=block.cause,
                table_name=block.string("TableName"),
                sse_specification=SSESpecification(
                    cause=(block.block("SSESpecification") or block).cause,
                    enabled=block.boolean("SSESpecification.SSEEnabled"),
                    kms_master_key_id=block.string("SSESpecification.KMSMasterKeyId"),
                ),
            )
            for block in graph.resources("AWS::Serverless::SimpleTable")
        ],
        state_machines=[state_machine(block) for block in graph.resources("AWS::Serverless::StateMachine")],
    )


service = Service(
    path="aws.sam",
    model=SAM,
    cloudformation=Adapter(
        types=(
            "AWS::Serverless::Api",
            "AWS::Serverless::Function",
            "AWS::Serverless::HttpApi",
            "AWS::Serverless::SimpleTable",
            "AWS::Serverless::StateMachine",
        ),
        fill=from_cloudformation,
    ),
)
