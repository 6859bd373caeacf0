"""Kinesis: data streams."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class Encryption(Resource):
    """Server-side encryption: `KMS` or `NONE`."""

    type: Attribute[str]
    kms_key_id: Attribute[str]


class Stream(Resource):
    """A stream."""

    encryption: Encryption


class Kinesis(Resource):
    """The service."""

    streams: list[Stream]


def from_terraform(graph: Graph) -> Kinesis:
    return Kinesis(
        streams=[
            Stream(
                cause=block.cause,
                encryption=Encryption(
                    cause=block.cause,
                    type=block.string("encryption_type", "NONE"),
                    kms_key_id=block.string("kms_key_id"),
                ),
            )
            for block in graph.resources("aws_kinesis_stream")
        ]
    )


def from_cloudformation(graph: Graph) -> Kinesis:
    return Kinesis(
        streams=[
            Stream(
                cause=block.cause,
                encryption=Encryption(
                    cause=(block.block("StreamEncryption") or block).cause,
                    type=block.string("StreamEncryption.EncryptionType", "KMS"),
                    kms_key_id=block.string("StreamEncryption.KeyId"),
                ),
            )
            for block in graph.resources("AWS::Kinesis::Stream")
        ]
    )


service = Service(
    path="aws.kinesis",
    model=Kinesis,
    terraform=Adapter(types=("aws_kinesis_stream",), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::Kinesis::Stream",), fill=from_cloudformation),
)
