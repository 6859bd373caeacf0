"""Checks of KMS keys."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.kms import Key

CANNOT_ROTATE = ("SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT")
"""Uses of keys that KMS cannot rotate; Trivy leaves out the first only."""


@check(
    "AWS-0065",
    "aws.kms.keys",
    severity="MEDIUM",
    code="auto-rotate-keys",
    title="KMS keys should rotate",
    why="The longer one key is in use, the more data a leak of it exposes.",
    fix="Set `enable_key_rotation = true`; data under the old keys stays readable.",
    references=("https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",),
)
def keys_rotate(key: Key) -> Flaws:
    if not key.usage.equals(*CANNOT_ROTATE) and key.rotation_enabled.is_false:
        yield flaw("The key is never rotated.", key.rotation_enabled)
