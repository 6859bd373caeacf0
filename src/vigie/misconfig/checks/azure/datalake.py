"""Checks of Data Lake."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.datalake import Store


@check(
    "AZU-0036",
    "azure.datalake.stores",
    severity="HIGH",
    code="enable-at-rest-encryption",
    title="Data Lake stores should be encrypted",
    why="Data that is not encrypted can be read by whoever gets at the disks it lies on.",
    fix="Leave out encryption_state, or set it to Enabled.",
    references=("https://learn.microsoft.com/azure/data-lake-store/data-lake-store-encryption",),
)
def encrypted(store: Store) -> Flaws:
    if store.enable_encryption.is_false:
        yield flaw("Data Lake store is not encrypted.", store.enable_encryption)
