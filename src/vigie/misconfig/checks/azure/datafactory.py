"""Checks of Data Factory."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.datafactory import Factory


@check(
    "AZU-0035",
    "azure.datafactory.data_factories",
    severity="CRITICAL",
    code="no-public-access",
    title="Data factories should not be reachable from the internet",
    why="With public network access, everybody who gets hold of credentials can use the factory, and with it the "
    "data it is connected to.",
    fix="Set public_network_enabled to false and connect over private endpoints.",
    references=("https://learn.microsoft.com/azure/data-factory/data-factory-private-link",),
)
def not_public(factory: Factory) -> Flaws:
    if factory.enable_public_network.is_true:
        yield flaw("Data factory is reachable from public networks.", factory.enable_public_network)
