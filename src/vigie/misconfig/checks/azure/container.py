"""Checks of Kubernetes clusters (AKS)."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.container import KubernetesCluster

CLUSTERS = "azure.container.kubernetes_clusters"
GUIDE = "https://learn.microsoft.com/azure/aks"


@check(
    "AZU-0040",
    CLUSTERS,
    severity="MEDIUM",
    code="logging",
    title="Clusters should send their logs to Azure Monitor",
    why="Logs that stay on the nodes are gone with the nodes, and nobody watches them.",
    fix="Add an oms_agent block that names a Log Analytics workspace.",
    references=("https://learn.microsoft.com/azure/azure-monitor/containers/kubernetes-monitoring-enable",),
)
def logs(cluster: KubernetesCluster) -> Flaws:
    if cluster.addon_profile.oms_agent.enabled.is_false:
        yield flaw("Cluster does not send its logs to Azure Monitor.", cluster.addon_profile.oms_agent.enabled)


@check(
    "AZU-0041",
    CLUSTERS,
    severity="CRITICAL",
    code="limit-authorized-ips",
    title="The API server should not be open to every address",
    why="An API server that answers the whole internet can be attacked by everybody, with stolen credentials or "
    "through its own holes.",
    fix="Make the cluster private, or name the networks in authorized_ip_ranges of api_server_access_profile.",
    references=(f"{GUIDE}/api-server-authorized-ip-ranges",),
)
def limits_addresses(cluster: KubernetesCluster) -> Flaws:
    ranges = cluster.api_server_authorized_ip_ranges
    if any(one.known and one.value for one in ranges):
        return
    if cluster.enable_private_cluster.is_false and all(one.is_empty for one in ranges):
        yield flaw("The cluster's API server answers every address.", ranges[0] if ranges else cluster)


@check(
    "AZU-0042",
    CLUSTERS,
    severity="HIGH",
    code="use-rbac-permissions",
    title="Clusters should use role-based access control",
    why="Without roles, everybody who can talk to the cluster may do everything in it.",
    fix="Set role_based_access_control_enabled to true.",
    references=(f"{GUIDE}/azure-ad-rbac",),
)
def uses_roles(cluster: KubernetesCluster) -> Flaws:
    if cluster.role_based_access_control.enabled.is_false:
        yield flaw("Cluster does not use role-based access control.", cluster.role_based_access_control.enabled)


@check(
    "AZU-0043",
    CLUSTERS,
    severity="HIGH",
    code="configured-network-policy",
    title="Clusters should enforce network policies",
    why="Without a policy engine, network policies are ignored: every pod can talk to every other one.",
    fix="Set network_policy in network_profile to azure, calico or cilium.",
    references=(f"{GUIDE}/use-network-policies",),
)
def enforces_network_policies(cluster: KubernetesCluster) -> Flaws:
    if cluster.network_profile.network_policy.is_empty:
        yield flaw("Cluster does not enforce network policies.", cluster.network_profile.network_policy)


@check(
    "AZU-0065",
    CLUSTERS,
    severity="MEDIUM",
    code="enable-private-cluster",
    title="The API server should have no public address",
    why="A private API server can only be reached from your own networks, whatever credentials an attacker has.",
    fix="Set private_cluster_enabled to true. It can only be chosen when the cluster is made.",
    references=(f"{GUIDE}/private-clusters",),
)
def is_private(cluster: KubernetesCluster) -> Flaws:
    if cluster.enable_private_cluster.is_false:
        yield flaw("The cluster's API server has a public address.", cluster.enable_private_cluster)


@check(
    "AZU-0066",
    CLUSTERS,
    severity="LOW",
    code="enable-azure-policy-addon",
    title="Clusters should have the Azure Policy add-on",
    why="The add-on applies the organisation's rules inside of the cluster, and refuses what breaks them.",
    fix="Set azure_policy_enabled to true.",
    references=("https://learn.microsoft.com/azure/governance/policy/concepts/policy-for-kubernetes",),
)
def has_policy_addon(cluster: KubernetesCluster) -> Flaws:
    if cluster.addon_profile.azure_policy.enabled.is_false:
        yield flaw("Cluster does not have the Azure Policy add-on.", cluster.addon_profile.azure_policy.enabled)


@check(
    "AZU-0067",
    CLUSTERS,
    severity="LOW",
    code="enable-disk-encryption",
    title="Disks of clusters should be encrypted with a customer's key",
    why="With a key of Microsoft's you decide neither who may use it nor when it is rotated or withdrawn.",
    fix="Set disk_encryption_set_id.",
    references=(f"{GUIDE}/azure-disk-customer-managed-keys",),
)
def disks_have_own_key(cluster: KubernetesCluster) -> Flaws:
    own = cluster.disk_encryption_set_id
    if own.is_empty and not any(pool.disk_encryption_set_id.is_set for pool in cluster.agent_pools):
        yield flaw("The cluster's disks are not encrypted with a customer's key.", own)
