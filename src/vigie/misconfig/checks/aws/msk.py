"""Checks of MSK."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.msk import Cluster

GUIDE = "https://docs.aws.amazon.com/msk/latest/developerguide"


@check(
    "AWS-0073",
    "aws.msk.clusters",
    severity="HIGH",
    code="enable-in-transit-encryption",
    title="MSK clusters should refuse clients without TLS",
    why="What clients send and read without TLS can be read and changed on its way.",
    fix="Set `client_broker` (CloudFormation: `ClientBroker`) of the encryption in transit to TLS.",
    references=(f"{GUIDE}/msk-encryption.html",),
)
def in_transit(cluster: Cluster) -> Flaws:
    broker = cluster.encryption_in_transit.client_broker
    if broker.equals("PLAINTEXT"):
        yield flaw("Clients talk to the brokers without encryption.", broker)
    elif broker.equals("TLS_PLAINTEXT"):
        yield flaw("Clients may talk to the brokers without encryption.", broker)


@check(
    "AWS-0074",
    "aws.msk.clusters",
    severity="MEDIUM",
    code="enable-logging",
    title="MSK clusters should keep the logs of their brokers",
    why="Brokers' logs show failures, refused clients and misuse. Without them neither can be looked into.",
    fix="Send the brokers' logs to CloudWatch Logs, Firehose or S3 in `logging_info.broker_logs` (CloudFormation: "
    "`LoggingInfo.BrokerLogs`).",
    references=(f"{GUIDE}/msk-logging.html",),
)
def logs(cluster: Cluster) -> Flaws:
    broker = cluster.logging.broker
    places = (broker.s3.enabled, broker.firehose.enabled, broker.cloudwatch.enabled)
    if not any(place.is_true for place in places) and all(place.known for place in places):
        yield flaw("The brokers' logs are sent nowhere.", broker)


@check(
    "AWS-0179",
    "aws.msk.clusters",
    severity="HIGH",
    code="enable-at-rest-encryption",
    title="MSK clusters should be encrypted with a key that is named",
    why="With a key of your own, access to the stored messages can be restricted, watched and revoked.",
    fix="Set `encryption_at_rest_kms_key_arn` (CloudFormation: `DataVolumeKMSKeyId` of the `EncryptionAtRest`) to a "
    "KMS key of your own.",
    references=(f"{GUIDE}/msk-encryption.html",),
)
def at_rest(cluster: Cluster) -> Flaws:
    if cluster.encryption_at_rest.enabled.is_false:
        yield flaw("The cluster names no key for encryption at rest.", cluster.encryption_at_rest.enabled)
