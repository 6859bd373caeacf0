"""Checks of Synapse Analytics."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.synapse import Workspace


@check(
    "AZU-0034",
    "azure.synapse.workspaces",
    severity="MEDIUM",
    code="virtual-network-enabled",
    title="Synapse workspaces should have a managed virtual network",
    why="Without a managed network, the workspace's pools are not kept apart from those of others and reach data over "
    "public addresses.",
    fix="Set managed_virtual_network_enabled to true. It can only be chosen when the workspace is made.",
    references=("https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-managed-vnet",),
)
def managed_network(workspace: Workspace) -> Flaws:
    if not workspace.enable_managed_virtual_network.is_true:
        yield flaw("Workspace has no managed virtual network.", workspace.enable_managed_virtual_network)
