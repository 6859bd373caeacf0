"""Amazon SNS: topics."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Encryption(Resource):
    kms_key_id: Attribute[str] = absent("")


class Topic(Resource):
    arn: Attribute[str] = absent("")
    encryption: Encryption = field(default_factory=Encryption)


class Sns(Resource):
    topics: list[Topic] = []


def terraform(graph: Graph) -> Sns:
    """Topics of a Terraform project."""
    return Sns(topics=list(_topics(graph.resources("aws_sns_topic"), "kms_master_key_id")))


def cloudformation(graph: Graph) -> Sns:
    """Topics of a CloudFormation template."""
    return Sns(topics=list(_topics(graph.resources("AWS::SNS::Topic"), "KmsMasterKeyId")))


def _topics(blocks: Iterable[Block], key: str) -> Iterable[Topic]:
    for block in blocks:
        yield Topic(cause=block.cause, encryption=Encryption(cause=block.cause, kms_key_id=block.string(key)))


service = Service(
    path="aws.sns",
    model=Sns,
    terraform=Adapter(types=("aws_sns_topic",), fill=terraform),
    cloudformation=Adapter(types=("AWS::SNS::Topic",), fill=cloudformation),
)
