"""Kubernetes clusters (AKS)."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute, Cause


class NetworkProfile(Resource):
    """network_policy: `azure`, `calico`, `cilium`, or empty for none."""

    network_policy: Attribute[str] = absent("")


class Addon(Resource):
    """An add-on of a cluster."""

    enabled: Attribute[bool] = absent(False)


class AddonProfile(Resource):
    """The cluster's add-ons."""

    oms_agent: Addon = field(default_factory=Addon)
    azure_policy: Addon = field(default_factory=Addon)


class RoleBasedAccessControl(Resource):
    """Whether the cluster asks roles who may do what."""

    enabled: Attribute[bool] = absent(False)


class AgentPool(Resource):
    """A pool of nodes. node_type: `VirtualMachineScaleSets` or `AvailabilitySet`."""

    disk_encryption_set_id: Attribute[str] = absent("")
    node_type: Attribute[str] = absent("VirtualMachineScaleSets")


class KubernetesCluster(Resource):
    """A cluster."""

    network_profile: NetworkProfile = field(default_factory=NetworkProfile)
    enable_private_cluster: Attribute[bool] = absent(False)
    api_server_authorized_ip_ranges: list[Attribute[str]] = []
    addon_profile: AddonProfile = field(default_factory=AddonProfile)
    role_based_access_control: RoleBasedAccessControl = field(default_factory=RoleBasedAccessControl)
    disk_encryption_set_id: Attribute[str] = absent("")
    agent_pools: list[AgentPool] = []


class Container(Resource):
    """The service."""

    kubernetes_clusters: list[KubernetesCluster] = []


def from_terraform(graph: Graph) -> Container:
    return Container(kubernetes_clusters=[_cluster(block) for block in graph.resources("azurerm_kubernetes_cluster")])


def _cluster(block: Block) -> KubernetesCluster:
    return KubernetesCluster(
        cause=block.cause,
        network_profile=NetworkProfile(
            cause=_place(block, "network_profile"), network_policy=block.string("network_profile.network_policy")
        ),
        enable_private_cluster=block.boolean("private_cluster_enabled"),
        # The second is the place before version 4 of the provider.
        api_server_authorized_ip_ranges=block.strings("api_server_access_profile.authorized_ip_ranges")
        or block.strings("api_server_authorized_ip_ranges"),
        addon_profile=AddonProfile(
            cause=_place(block, "addon_profile"), oms_agent=_oms_agent(block), azure_policy=_azure_policy(block)
        ),
        role_based_access_control=_access_control(block),
        disk_encryption_set_id=block.string("disk_encryption_set_id"),
        agent_pools=[
            AgentPool(
                cause=pool.cause,
                disk_encryption_set_id=pool.string("disk_encryption_set_id"),
                node_type=pool.string("type", "VirtualMachineScaleSets"),
            )
            for pool in block.blocks("default_node_pool")
        ],
    )


def _place(block: Block, path: str) -> Cause:
    """Where a nested block stands, or the outer one when it is missing."""
    nested = block.block(path)
    return nested.cause if nested else block.cause


def _oms_agent(block: Block) -> Addon:
    # Since version 3 of the provider the block stands alone, and is enough.
    agent = block.block("oms_agent")
    if agent is not None:
        return Addon(cause=agent.cause, enabled=Attribute(True, agent.cause, explicit=False))
    path = "addon_profile.oms_agent"
    return Addon(cause=_place(block, path), enabled=block.boolean(f"{path}.enabled"))


def _azure_policy(block: Block) -> Addon:
    if block.has("azure_policy_enabled"):
        return Addon(cause=block.cause, enabled=block.boolean("azure_policy_enabled"))
    path = "addon_profile.azure_policy"
    return Addon(cause=_place(block, path), enabled=block.boolean(f"{path}.enabled"))


def _access_control(block: Block) -> RoleBasedAccessControl:
    # Azure's roles come last: they need those of Kubernetes, which may be all there is.
    paths = (
        "role_based_access_control_enabled",
        "role_based_access_control.enabled",
        "azure_active_directory_role_based_access_control.azure_rbac_enabled",
    )
    path = next((path for path in paths if block.raw(path)[0] is not None), paths[0])
    outer = path.rpartition(".")[0]
    return RoleBasedAccessControl(
        cause=_place(block, outer) if outer else block.cause,
        enabled=block.boolean(path),
    )


service = Service(
    path="azure.container",
    model=Container,
    terraform=Adapter(types=("azurerm_kubernetes_cluster",), fill=from_terraform),
)
