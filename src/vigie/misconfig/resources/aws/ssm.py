"""Secrets Manager, which the field counts as a part of Systems Manager."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute

DEFAULT_KEY = "alias/aws/secretsmanager"


class Secret(Resource):
    """A secret."""

    kms_key_id: Attribute[str]


class SSM(Resource):
    """The service."""

    secrets: list[Secret]


def from_terraform(graph: Graph) -> SSM:
    return SSM(
        secrets=[
            Secret(cause=block.cause, kms_key_id=block.string("kms_key_id", DEFAULT_KEY))
            for block in graph.resources("aws_secretsmanager_secret")
        ]
    )


def from_cloudformation(graph: Graph) -> SSM:
    return SSM(
        secrets=[
            Secret(cause=block.cause, kms_key_id=block.string("KmsKeyId"))
            for block in graph.resources("AWS::SecretsManager::Secret")
        ]
    )


service = Service(
    path="aws.ssm",
    model=SSM,
    terraform=Adapter(types=("aws_secretsmanager_secret",), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::SecretsManager::Secret",), fill=from_cloudformation),
)
