"""Checks of secrets."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.github.environment_secrets import EnvironmentSecret


@check(
    "GIT-0002",
    "github.environment_secrets.environment_secrets",
    service="environmentsecrets",
    severity="HIGH",
    code="no-plain-text-action-secrets",
    title="Secrets of workflows should not be written in plain text",
    why="A plain value is known to everybody who can read the configuration, its history or Terraform's state.",
    fix="Encrypt the secret with the repository's public key and set encrypted_value instead of plaintext_value.",
    references=("https://docs.github.com/en/rest/guides/encrypting-secrets-for-the-rest-api",),
)
def not_in_plain_text(secret: EnvironmentSecret) -> Flaws:
    if secret.plaintext_value.is_set:
        yield flaw("Secret of an environment is written in plain text.", secret.plaintext_value)
