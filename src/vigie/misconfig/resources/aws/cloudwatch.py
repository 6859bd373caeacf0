"""Amazon CloudWatch: log groups with their metric filters, and alarms.

Trivy fills neither filters nor alarms, so that nothing can ever satisfy its checks of alarms; here both are read.
"""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.owners import Owners
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class MetricFilter(Resource):
    """metric_name: of the metric that it counts in, which alarms watch."""

    filter_name: Attribute[str] = absent("")
    filter_pattern: Attribute[str] = absent("")
    metric_name: Attribute[str] = absent("")


class LogGroup(Resource):
    arn: Attribute[str] = absent("")
    name: Attribute[str] = absent("")
    kms_key_id: Attribute[str] = absent("")
    retention_in_days: Attribute[int] = absent(0)
    metric_filters: list[MetricFilter] = []


class Dimension(Resource):
    name: Attribute[str] = absent("")
    value: Attribute[str] = absent("")


class AlarmMetric(Resource):
    """A metric, or an expression of others, that an alarm watches."""

    expression: Attribute[str] = absent("")
    id: Attribute[str] = absent("")
    metric_name: Attribute[str] = absent("")


class Alarm(Resource):
    alarm_name: Attribute[str] = absent("")
    metric_name: Attribute[str] = absent("")
    dimensions: list[Dimension] = []
    metrics: list[AlarmMetric] = []


class CloudWatch(Resource):
    log_groups: list[LogGroup] = []
    alarms: list[Alarm] = []


def terraform(graph: Graph) -> CloudWatch:
    """CloudWatch of a Terraform project."""
    groups = Owners(graph, ("aws_cloudwatch_log_group",), _terraform_group, LogGroup)
    for block in graph.resources("aws_cloudwatch_log_metric_filter"):
        groups.of(block, "log_group_name").metric_filters.append(
            MetricFilter(
                cause=block.cause,
                filter_name=block.string("name"),
                filter_pattern=block.string("pattern"),
                metric_name=block.string("metric_transformation.name"),
            )
        )
    return CloudWatch(
        log_groups=groups.all,
        alarms=[
            Alarm(
                cause=block.cause,
                alarm_name=block.string("alarm_name"),
                metric_name=block.string("metric_name"),
                dimensions=_dimensions(block),
                metrics=[
                    AlarmMetric(
                        cause=query.cause,
                        expression=query.string("expression"),
                        id=query.string("id"),
                        metric_name=query.string("metric.metric_name"),
                    )
                    for query in block.blocks("metric_query")
                ],
            )
            for block in graph.resources("aws_cloudwatch_metric_alarm")
        ],
    )


def cloudformation(graph: Graph) -> CloudWatch:
    """CloudWatch of a CloudFormation template."""
    groups = Owners(graph, ("AWS::Logs::LogGroup",), _cloudformation_group, LogGroup)
    for block in graph.resources("AWS::Logs::MetricFilter"):
        groups.of(block, "LogGroupName").metric_filters.append(
            MetricFilter(
                cause=block.cause,
                filter_name=block.string("FilterName"),
                filter_pattern=block.string("FilterPattern"),
                metric_name=block.string("MetricTransformations.MetricName"),
            )
        )
    return CloudWatch(
        log_groups=groups.all,
        alarms=[
            Alarm(
                cause=block.cause,
                alarm_name=block.string("AlarmName"),
                metric_name=block.string("MetricName"),
                dimensions=[
                    Dimension(cause=part.cause, name=part.string("Name"), value=part.string("Value"))
                    for part in block.blocks("Dimensions")
                ],
                metrics=[
                    AlarmMetric(
                        cause=query.cause,
                        expression=query.string("Expression"),
                        id=query.string("Id"),
                        metric_name=query.string("MetricStat.Metric.MetricName"),
                    )
                    for query in block.blocks("Metrics")
                ],
            )
            for block in graph.resources("AWS::CloudWatch::Alarm")
        ],
    )


def _terraform_group(block: Block) -> LogGroup:
    return LogGroup(
        cause=block.cause,
        arn=block.string("arn"),
        name=block.string("name"),
        kms_key_id=block.string("kms_key_id"),
        retention_in_days=block.integer("retention_in_days"),
    )


def _cloudformation_group(block: Block) -> LogGroup:
    return LogGroup(
        cause=block.cause,
        name=block.string("LogGroupName"),
        kms_key_id=block.string("KmsKeyId"),
        retention_in_days=block.integer("RetentionInDays"),
    )


def _dimensions(block: Block) -> list[Dimension]:
    written = block.mapping("dimensions")
    return [
        Dimension(cause=written.cause, name=Attribute(name, written.cause), value=Attribute(value, written.cause))
        for name, value in written.value.items()
    ]


service = Service(
    path="aws.cloudwatch",
    model=CloudWatch,
    terraform=Adapter(
        types=("aws_cloudwatch_log_group", "aws_cloudwatch_log_metric_filter", "aws_cloudwatch_metric_alarm"),
        fill=terraform,
    ),
    cloudformation=Adapter(
        types=("AWS::CloudWatch::Alarm", "AWS::Logs::LogGroup", "AWS::Logs::MetricFilter"), fill=cloudformation
    ),
)
