"""MSK: clusters of Kafka."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class EncryptionInTransit(Resource):
    """What passes between clients and brokers: `TLS`, `TLS_PLAINTEXT` or `PLAINTEXT`."""

    client_broker: Attribute[str]


class EncryptionAtRest(Resource):
    """What is stored."""

    kms_key_arn: Attribute[str]
    enabled: Attribute[bool]


class Destination(Resource):
    """One place that logs are sent to."""

    enabled: Attribute[bool]


class BrokerLogs(Resource):
    """Where the brokers' logs are sent."""

    s3: Destination
    cloudwatch: Destination
    firehose: Destination


class Logging(Resource):
    """Logs."""

    broker: BrokerLogs


class Cluster(Resource):
    """A cluster."""

    encryption_in_transit: EncryptionInTransit
    encryption_at_rest: EncryptionAtRest
    logging: Logging


class MSK(Resource):
    """The service."""

    clusters: list[Cluster]


def destination(block: Block, path: str, enabled: str) -> Destination:
    """One place for logs."""
    return Destination(cause=(block.block(path) or block).cause, enabled=block.boolean(f"{path}.{enabled}"))


def from_terraform(graph: Graph) -> MSK:
    return MSK(clusters=[terraform_cluster(block) for block in graph.resources("aws_msk_cluster")])


def terraform_cluster(block: Block) -> Cluster:
    transit = block.block("encryption_info.encryption_in_transit")
    key = block.string("encryption_info.encryption_at_rest_kms_key_arn")
    logs = block.block("logging_info.broker_logs") or block.block("logging_info") or block
    return Cluster(
        cause=block.cause,
        encryption_in_transit=EncryptionInTransit(
            cause=(transit or block).cause,
            client_broker=block.string(
                "encryption_info.encryption_in_transit.client_broker", "TLS" if transit else "TLS_PLAINTEXT"
            ),
        ),
        encryption_at_rest=EncryptionAtRest(
            cause=(block.block("encryption_info") or block).cause,
            kms_key_arn=key,
            # A key that is yet to be made is a key.
            enabled=Attribute(True, key.cause) if key.filled else key.holds(bool),
        ),
        logging=Logging(
            cause=(block.block("logging_info") or block).cause,
            broker=BrokerLogs(
                cause=logs.cause,
                s3=destination(block, "logging_info.broker_logs.s3", "enabled"),
                cloudwatch=destination(block, "logging_info.broker_logs.cloudwatch_logs", "enabled"),
                firehose=destination(block, "logging_info.broker_logs.firehose", "enabled"),
            ),
        ),
    )


def from_cloudformation(graph: Graph) -> MSK:
    return MSK(clusters=[cloudformation_cluster(block) for block in graph.resources("AWS::MSK::Cluster")])


def cloudformation_cluster(block: Block) -> Cluster:
    info = block.block("EncryptionInfo") or block
    rest = block.block("EncryptionInfo.EncryptionAtRest")
    logs = block.block("LoggingInfo.BrokerLogs") or block.block("LoggingInfo") or block
    return Cluster(
        cause=block.cause,
        encryption_in_transit=EncryptionInTransit(
            cause=(block.block("EncryptionInfo.EncryptionInTransit") or info).cause,
            client_broker=block.string("EncryptionInfo.EncryptionInTransit.ClientBroker", "TLS"),
        ),
        encryption_at_rest=EncryptionAtRest(
            cause=(rest or info).cause,
            kms_key_arn=block.string("EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId"),
            enabled=Attribute(rest is not None, (rest or info).cause, explicit=rest is not None),
        ),
        logging=Logging(
            cause=(block.block("LoggingInfo") or block).cause,
            broker=BrokerLogs(
                cause=logs.cause,
                s3=destination(block, "LoggingInfo.BrokerLogs.S3", "Enabled"),
                cloudwatch=destination(block, "LoggingInfo.BrokerLogs.CloudWatchLogs", "Enabled"),
                firehose=destination(block, "LoggingInfo.BrokerLogs.Firehose", "Enabled"),
            ),
        ),
    )


service = Service(
    path="aws.msk",
    model=MSK,
    terraform=Adapter(types=("aws_msk_cluster",), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::MSK::Cluster",), fill=from_cloudformation),
)
