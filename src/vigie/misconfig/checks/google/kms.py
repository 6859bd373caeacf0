"""Checks of Cloud KMS."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.google.kms import Key

_QUARTER = 90 * 24 * 60 * 60
"""90 days in seconds."""


@check(
    "GCP-0065",
    "google.kms.key_rings.keys",
    severity="HIGH",
    code="rotate-kms-keys",
    title="KMS keys should rotate at least every 90 days",
    why="The longer one version of a key is used, the more data is lost when it leaks.",
    fix='Set `rotation_period` to 90 days or less: "7776000s".',
    references=("https://cloud.google.com/kms/docs/key-rotation",),
)
def rotated(key: Key) -> Flaws:
    # Keys without a period are left alone: asymmetric ones cannot have any.
    if key.rotation_period_seconds.above(_QUARTER):
        days = key.rotation_period_seconds.value / (24 * 60 * 60)
        yield flaw(f"The key rotates only every {days:g} days.", key.rotation_period_seconds)
