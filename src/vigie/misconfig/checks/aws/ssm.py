"""Checks of Secrets Manager."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.ssm import DEFAULT_KEY, Secret


@check(
    "AWS-0098",
    "aws.ssm.secrets",
    severity="LOW",
    code="secret-use-customer-key",
    title="Secrets should be encrypted with a key of your own",
    why="Secrets are encrypted in any case, but who may use the key that AWS manages cannot be restricted, and it "
    "cannot be revoked.",
    fix="Set `kms_key_id` (CloudFormation: `KmsKeyId`) to a KMS key of your own.",
    references=("https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html",),
)
def customer_key(secret: Secret) -> Flaws:
    key = secret.kms_key_id
    if key.is_empty or (key.known and key.value == DEFAULT_KEY):
        yield flaw("The secret is encrypted with a key that AWS manages.", key)


@check(
    "AWS-0134",
    "aws.ssm.secrets",
    severity="CRITICAL",
    code="avoid-leaks-via-http",
    title="Secrets should not be sent away by HTTP",
    why="Retired: the check judges nothing any more. A secret that a data source of Terraform sends to a host is known "
    "to that host.",
    fix="Nothing needs to be done for this check.",
    references=("https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html",),
    deprecated=True,
)
def leaks(secret: Secret) -> Flaws:
    yield from ()
