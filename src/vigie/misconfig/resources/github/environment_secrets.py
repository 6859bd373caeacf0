"""Secrets of environments. The model's path is itself a list: `github.environmentsecrets[]`."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute

SECRET = "github_actions_environment_secret"  # noqa: S105


class EnvironmentSecret(Resource):
    """A secret that workflows of an environment can use."""

    repository: Attribute[str] = absent("")
    environment: Attribute[str] = absent("")
    secret_name: Attribute[str] = absent("")
    plaintext_value: Attribute[str] = absent("")
    encrypted_value: Attribute[str] = absent("")


class EnvironmentSecrets(Resource):
    """The service."""

    environment_secrets: list[EnvironmentSecret] = []


def from_terraform(graph: Graph) -> EnvironmentSecrets:
    return EnvironmentSecrets(
        environment_secrets=[
            EnvironmentSecret(
                cause=block.cause,
                repository=block.string("repository"),
                environment=block.string("environment"),
                secret_name=block.string("secret_name"),
                plaintext_value=block.string("plaintext_value"),
                encrypted_value=block.string("encrypted_value"),
            )
            for block in graph.resources(SECRET)
        ]
    )


service = Service(
    path="github.environment_secrets",
    model=EnvironmentSecrets,
    terraform=Adapter(types=(SECRET,), fill=from_terraform),
)
