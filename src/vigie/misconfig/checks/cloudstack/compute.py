"""Checks of Compute."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.credentials import credential_in
from vigie.misconfig.resources.cloudstack.compute import Instance


@check(
    "CLDSTK-0001",
    "cloudstack.compute.instances",
    severity="HIGH",
    code="no-sensitive-info",
    title="User data of instances should hold no credentials",
    why="User data can be read by everybody who may look at the instance, and by every process that runs on it.",
    fix="Let the instance fetch credentials at its start from where they are kept.",
    references=("https://docs.cloudstack.apache.org/en/latest/adminguide/virtual_machines/user-data.html",),
)
def no_credentials(instance: Instance) -> Flaws:
    if instance.user_data.certain() and (what := credential_in(instance.user_data.value)):
        yield flaw(f"User data holds {what}.", instance.user_data)
