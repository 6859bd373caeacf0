"""AWS CloudTrail: trails, and the events they record."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import UNMANAGED, Attribute, Cause


class DataResource(Resource):
    """values: ARNs, or beginnings of them (`arn:aws:s3` for all buckets)."""

    type: Attribute[str] = absent("")
    values: list[Attribute[str]] = []


class EventSelector(Resource):
    data_resources: list[DataResource] = []
    read_write_type: Attribute[str] = absent("All")


class Trail(Resource):
    """bucket, log_group: where those stand that it writes to, when they are of the same configuration."""

    name: Attribute[str] = absent("")
    enable_log_file_validation: Attribute[bool] = absent(False)
    is_multi_region: Attribute[bool] = absent(False)
    kms_key_id: Attribute[str] = absent("")
    cloud_watch_logs_log_group_arn: Attribute[str] = absent("")
    is_logging: Attribute[bool] = absent(False)
    bucket_name: Attribute[str] = absent("")
    event_selectors: list[EventSelector] = []
    bucket: Cause = UNMANAGED
    log_group: Cause = UNMANAGED


class CloudTrail(Resource):
    trails: list[Trail] = []


def terraform(graph: Graph) -> CloudTrail:
    """CloudTrail of a Terraform project."""
    return CloudTrail(
        trails=[
            Trail(
                cause=block.cause,
                bucket=_place(graph.target(block, "s3_bucket_name", "aws_s3_bucket")),
                log_group=_place(graph.target(block, "cloud_watch_logs_group_arn", "aws_cloudwatch_log_group")),
                name=block.string("name"),
                enable_log_file_validation=block.boolean("enable_log_file_validation"),
                is_multi_region=block.boolean("is_multi_region_trail"),
                kms_key_id=block.string("kms_key_id"),
                cloud_watch_logs_log_group_arn=block.string("cloud_watch_logs_group_arn"),
                is_logging=block.boolean("enable_logging", True),
                bucket_name=block.string("s3_bucket_name"),
                event_selectors=[
                    *_basic(block, ("event_selector", "data_resource", "type", "values", "read_write_type")),
                    *_advanced(block, ("advanced_event_selector", "field_selector", "field", "equals")),
                ],
            )
            for block in graph.resources("aws_cloudtrail")
        ]
    )


def cloudformation(graph: Graph) -> CloudTrail:
    """CloudTrail of a CloudFormation template."""
    return CloudTrail(
        trails=[
            Trail(
                cause=block.cause,
                bucket=_place(graph.target(block, "S3BucketName", "AWS::S3::Bucket")),
                log_group=_place(graph.target(block, "CloudWatchLogsLogGroupArn", "AWS::Logs::LogGroup")),
                name=block.string("TrailName"),
                enable_log_file_validation=block.boolean("EnableLogFileValidation"),
                is_multi_region=block.boolean("IsMultiRegionTrail"),
                kms_key_id=block.string("KmsKeyId"),
                cloud_watch_logs_log_group_arn=block.string("CloudWatchLogsLogGroupArn"),
                is_logging=block.boolean("IsLogging"),
                bucket_name=block.string("S3BucketName"),
                event_selectors=[
                    *_basic(block, ("EventSelectors", "DataResources", "Type", "Values", "ReadWriteType")),
                    *_advanced(block, ("AdvancedEventSelectors", "FieldSelectors", "Field", "Equals")),
                ],
            )
            for block in graph.resources("AWS::CloudTrail::Trail")
        ]
    )


def _place(target: Block | None) -> Cause:
    return target.cause if target is not None else UNMANAGED


def _basic(block: Block, names: tuple[str, str, str, str, str]) -> Iterator[EventSelector]:
    """Basic event selectors; the names are the language's, from the outside in."""
    path, data, type, values, mode = names
    for selector in block.blocks(path):
        yield EventSelector(
            cause=selector.cause,
            read_write_type=selector.string(mode, "All"),
            data_resources=[
                DataResource(cause=resource.cause, type=resource.string(type), values=resource.strings(values))
                for resource in selector.blocks(data)
            ],
        )


def _advanced(block: Block, names: tuple[str, str, str, str]) -> Iterator[EventSelector]:
    """Advanced event selectors in the terms of basic ones, where these can say it: which type of resource, which ARNs
    (all when none are named), reads or writes. Those with other conditions are left out."""
    path, fields, field, equals = names
    for selector in block.blocks(path):
        wanted = {condition.string(field).value: condition for condition in selector.blocks(fields)}
        if not wanted.keys() <= {"eventCategory", "resources.type", "resources.ARN", "readOnly"}:
            continue
        kind, arns, reads = (wanted.get(name) for name in ("resources.type", "resources.ARN", "readOnly"))
        if kind is None or not kind.has(equals):
            continue
        everything = Attribute("arn:aws:s3", selector.cause, explicit=False)
        mode = Attribute("All", selector.cause, explicit=False)
        for read in reads.strings(equals) if reads is not None else ():
            mode = Attribute("ReadOnly" if read.value == "true" else "WriteOnly", read.cause, known=read.known)
        yield EventSelector(
            cause=selector.cause,
            read_write_type=mode,
            data_resources=[
                DataResource(
                    cause=kind.cause, type=type_, values=arns.strings(equals) if arns is not None else [everything]
                )
                for type_ in kind.strings(equals)
            ],
        )


service = Service(
    path="aws.cloudtrail",
    model=CloudTrail,
    terraform=Adapter(types=("aws_cloudtrail",), fill=terraform),
    cloudformation=Adapter(types=("AWS::CloudTrail::Trail",), fill=cloudformation),
)
