"""Amazon MQ: brokers."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class Logging(Resource):
    """Which logs are written."""

    general: Attribute[bool]
    audit: Attribute[bool]


class Broker(Resource):
    """A broker."""

    public_access: Attribute[bool]
    logging: Logging


class MQ(Resource):
    """The service."""

    brokers: list[Broker]


def from_terraform(graph: Graph) -> MQ:
    return MQ(
        brokers=[
            Broker(
                cause=block.cause,
                public_access=block.boolean("publicly_accessible"),
                logging=Logging(
                    cause=(block.block("logs") or block).cause,
                    general=block.boolean("logs.general"),
                    audit=block.boolean("logs.audit"),
                ),
            )
            for block in graph.resources("aws_mq_broker")
        ]
    )


def from_cloudformation(graph: Graph) -> MQ:
    return MQ(
        brokers=[
            Broker(
                cause=block.cause,
                public_access=block.boolean("PubliclyAccessible"),
                logging=Logging(
                    cause=(block.block("Logs") or block).cause,
                    general=block.boolean("Logs.General"),
                    audit=block.boolean("Logs.Audit"),
                ),
            )
            for block in graph.resources("AWS::AmazonMQ::Broker")
        ]
    )


service = Service(
    path="aws.mq",
    model=MQ,
    terraform=Adapter(types=("aws_mq_broker",), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::AmazonMQ::Broker",), fill=from_cloudformation),
)
