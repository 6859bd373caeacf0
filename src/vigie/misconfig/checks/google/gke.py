"""Checks of Kubernetes Engine. Node pools whose cluster is not in the configuration hang on a placeholder."""

from __future__ import annotations

from vigie.misconfig.addresses import is_public
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.google.gke import Cluster, NodeConfig, NodePool
from vigie.misconfig.value import Attribute

CLUSTERS = "google.gke.clusters"
POOLS = f"{CLUSTERS}.node_pools"
_HARDENING = "https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster"
_DOCS = "https://cloud.google.com/kubernetes-engine/docs"


@check(
    "GCP-0048",
    CLUSTERS,
    severity="HIGH",
    code="metadata-endpoints-disabled",
    deprecated=True,
    title="Legacy metadata endpoints of nodes should be off",
    why="The legacy endpoints hand out the node's credentials to any request, without the header that newer ones ask "
    "for. Clusters made with version 1.12 or later have none, so the check is kept for old ones only.",
    fix='Set `disable-legacy-endpoints` to "true" in the `metadata` of `node_config`.',
    references=(_HARDENING,),
)
def no_legacy_endpoints(cluster: Cluster) -> Flaws:
    if cluster.enable_autpilot.is_true:
        return
    if cluster.cause.managed and cluster.remove_default_node_pool.is_false:
        yield from _legacy(cluster.node_config)
    for pool in cluster.node_pools:
        yield from _legacy(pool.node_config)


def _legacy(config: NodeConfig) -> Flaws:
    if config.enable_legacy_endpoints.is_true:
        yield flaw("The nodes' legacy metadata endpoints are not turned off.", config.enable_legacy_endpoints)


@check(
    "GCP-0049",
    CLUSTERS,
    severity="LOW",
    code="enable-ip-aliasing",
    title="GKE clusters should use alias addresses",
    why="With alias addresses pods have addresses of the VPC network, so firewall rules, flow logs and network "
    "policies apply to them. A cluster of routes has none of that.",
    fix="Add an `ip_allocation_policy` block to the cluster.",
    references=(f"{_DOCS}/concepts/alias-ips",),
)
def alias_addresses(cluster: Cluster) -> Flaws:
    if cluster.ip_allocation_policy.enabled.is_false:
        yield flaw("The cluster has no policy of address allocation.", cluster.ip_allocation_policy.enabled)


@check(
    "GCP-0050",
    CLUSTERS,
    severity="MEDIUM",
    code="use-service-account",
    title="GKE nodes should have a service account of their own",
    why="Nodes without one run as the default service account of Compute Engine, which may edit the whole project: a "
    "pod that breaks out to its node has the same rights.",
    fix="Create a service account with the roles that nodes need (roles/container.defaultNodeServiceAccount) and name "
    "it in `service_account`.",
    references=(f"{_HARDENING}#use_least_privilege_sa",),
)
def own_service_account(cluster: Cluster) -> Flaws:
    defaults, pool = cluster.auto_scaling.auto_provisioning_defaults, cluster.node_config
    if cluster.auto_scaling.enabled.is_true or cluster.enable_autpilot.is_true:
        yield from _unnamed(defaults.service_account, "Nodes that are provisioned automatically")
    elif cluster.remove_default_node_pool.is_false:
        yield from _unnamed(pool.service_account, "The nodes of the default pool")
    if not cluster.enable_autpilot.is_true:
        for own in cluster.node_pools:
            yield from _unnamed(own.node_config.service_account, "The nodes of the pool")


def _unnamed(account: Attribute[str], which: str) -> Flaws:
    if account.is_empty:
        yield flaw(f"{which} run as the default service account.", account)


@check(
    "GCP-0051",
    CLUSTERS,
    severity="LOW",
    code="use-cluster-labels",
    title="GKE clusters should have labels",
    why="Labels tell whose a cluster is and what for; without them nobody knows whom to ask, or what it costs.",
    fix="Set `resource_labels`.",
    references=(f"{_DOCS}/how-to/creating-managing-labels",),
)
def labels(cluster: Cluster) -> Flaws:
    if cluster.resource_labels.is_empty:
        yield flaw("The cluster has no labels.", cluster.resource_labels)


@check(
    "GCP-0052",
    CLUSTERS,
    severity="LOW",
    code="enable-stackdriver-monitoring",
    title="GKE clusters should use Cloud Monitoring",
    why="Without metrics nobody notices that nodes are out of reach, full, or busy with someone else's work.",
    fix="Remove `monitoring_service`, or set it to monitoring.googleapis.com/kubernetes.",
    references=(f"{_DOCS}/how-to/configure-metrics",),
)
def monitored(cluster: Cluster) -> Flaws:
    if cluster.monitoring_service.differs("monitoring.googleapis.com/kubernetes"):
        yield flaw("The cluster does not use Cloud Monitoring for Kubernetes.", cluster.monitoring_service)


@check(
    "GCP-0053",
    CLUSTERS,
    severity="HIGH",
    code="no-public-control-plane",
    title="The control plane of GKE clusters should be closed to public networks",
    why="Whoever can reach the API server can try stolen credentials and its weaknesses on it.",
    fix="Name only private networks in the `cidr_blocks` of `master_authorized_networks_config`.",
    references=(f"{_DOCS}/concepts/network-isolation",),
)
def private_control_plane(cluster: Cluster) -> Flaws:
    for cidr in cluster.master_authorized_networks.cidrs:
        if cidr.certain() and is_public(cidr.value):
            yield flaw(f"The control plane can be reached from the public network {cidr.value}.", cidr)


@check(
    "GCP-0054",
    CLUSTERS,
    severity="LOW",
    code="node-pool-uses-cos",
    title="GKE nodes should run Container-Optimized OS",
    why="Container-Optimized OS holds little besides what runs containers, has a read-only root and updates itself; "
    "other images have more that can be attacked.",
    fix="Set `image_type` to `COS_CONTAINERD`.",
    references=(f"{_DOCS}/concepts/node-images",),
)
def container_optimized(cluster: Cluster) -> Flaws:
    if cluster.cause.managed:
        yield from _other_image(cluster.node_config.image_type, "", "cos", "cos_containerd")
    for pool in cluster.node_pools:
        # Of a pool the image must be written out.
        yield from _other_image(pool.node_config.image_type, "cos", "cos_containerd")


def _other_image(image: Attribute[str], *right: str) -> Flaws:
    if image.certain() and image.value.lower() not in right:
        stated = (
            f"The nodes run {image.value}, not" if image.value else "The node pool does not state that its nodes run"
        )
        yield flaw(f"{stated} Container-Optimized OS.", image)


@check(
    "GCP-0055",
    CLUSTERS,
    severity="HIGH",
    code="node-shielding-enabled",
    title="GKE nodes should be shielded",
    why="Without shielded nodes an attacker with the credentials of one pod can pose as a node and read the secrets "
    "meant for it.",
    fix="Remove `enable_shielded_nodes`, or set it to true.",
    references=(f"{_DOCS}/how-to/shielded-gke-nodes",),
)
def shielded_nodes(cluster: Cluster) -> Flaws:
    if cluster.cause.managed and not cluster.enable_shielded_nodes.is_true:
        yield flaw("The cluster's nodes are not shielded.", cluster.enable_shielded_nodes)


@check(
    "GCP-0056",
    CLUSTERS,
    severity="MEDIUM",
    code="enable-network-policy",
    title="GKE clusters should enforce network policies",
    why="Without network policies every pod may talk to every other one, so one compromised pod reaches all of them.",
    fix="Enable `network_policy`, or set `datapath_provider` to `ADVANCED_DATAPATH` (Dataplane V2), which enforces "
    "policies by itself.",
    references=(f"{_DOCS}/how-to/network-policy",),
)
def network_policy(cluster: Cluster) -> Flaws:
    if (
        cluster.network_policy.enabled.is_false
        and cluster.enable_autpilot.is_false
        and cluster.datapath_provider.differs("ADVANCED_DATAPATH")
    ):
        yield flaw("The cluster enforces no network policies.", cluster.network_policy.enabled)


@check(
    "GCP-0057",
    CLUSTERS,
    severity="HIGH",
    code="node-metadata-security",
    title="GKE should hide the metadata of nodes from pods",
    why="A pod that can read its node's metadata gets the node's credentials, and with them more than its own rights.",
    fix="Set `mode` to `GKE_METADATA` in the `workload_metadata_config` block of `node_config`.",
    references=(f"{_DOCS}/how-to/protecting-cluster-metadata",),
)
def metadata_hidden(cluster: Cluster) -> Flaws:
    for config in (cluster.node_config, *(pool.node_config for pool in cluster.node_pools)):
        metadata = config.workload_metadata_config.node_metadata
        if metadata.same("UNSPECIFIED", "EXPOSE", "MODE_UNSPECIFIED", "GCE_METADATA"):
            yield flaw("Pods can read the metadata of their nodes.", metadata)


@check(
    "GCP-0058",
    POOLS,
    severity="LOW",
    code="enable-auto-upgrade",
    title="GKE node pools should upgrade themselves",
    why="Nodes that nobody upgrades keep known weaknesses of Kubernetes and of the system for months.",
    fix="Set `auto_upgrade` to true in the pool's `management` block.",
    references=(f"{_DOCS}/how-to/node-auto-upgrades",),
)
def upgrades(pool: NodePool) -> Flaws:
    if not pool.management.enable_auto_upgrade.is_true:
        yield flaw("The node pool does not upgrade itself.", pool.management.enable_auto_upgrade)


@check(
    "GCP-0059",
    CLUSTERS,
    severity="MEDIUM",
    code="enable-private-cluster",
    title="GKE nodes should be private",
    why="Nodes with public addresses can be reached, and attacked, from the internet.",
    fix="Set `enable_private_nodes` to true in the `private_cluster_config` block.",
    references=(f"{_DOCS}/concepts/network-isolation",),
)
def private_nodes(cluster: Cluster) -> Flaws:
    if cluster.cause.managed and not cluster.private_cluster.enable_private_nodes.is_true:
        yield flaw("The cluster's nodes are not private.", cluster.private_cluster.enable_private_nodes)


@check(
    "GCP-0060",
    CLUSTERS,
    severity="LOW",
    code="enable-stackdriver-logging",
    title="GKE clusters should write to Cloud Logging",
    why="Logs of pods and of the system go away with their node when nothing collects them, and with them the traces "
    "of an attack.",
    fix="Remove `logging_service`, or set it to logging.googleapis.com/kubernetes.",
    references=(f"{_DOCS}/concepts/about-logs",),
)
def logged(cluster: Cluster) -> Flaws:
    if cluster.cause.managed and cluster.logging_service.differs("logging.googleapis.com/kubernetes"):
        yield flaw("The cluster does not write to Cloud Logging for Kubernetes.", cluster.logging_service)


@check(
    "GCP-0061",
    CLUSTERS,
    severity="HIGH",
    code="enable-master-networks",
    title="GKE clusters should limit who reaches the control plane",
    why="Without authorized networks the control plane answers every address that can reach its endpoint.",
    fix="Add a `master_authorized_networks_config` block with the networks that administrators and pipelines come "
    "from.",
    references=(f"{_DOCS}/how-to/authorized-networks",),
)
def authorized_networks(cluster: Cluster) -> Flaws:
    if cluster.master_authorized_networks.enabled.is_false:
        yield flaw("The cluster has no authorized networks.", cluster.master_authorized_networks.enabled)


@check(
    "GCP-0062",
    CLUSTERS,
    severity="HIGH",
    code="use-rbac-permissions",
    title="GKE clusters should use RBAC alone",
    why="Legacy authorization (ABAC) gives every service account of the cluster nearly all rights, whatever RBAC says.",
    fix="Remove `enable_legacy_abac`, or set it to false.",
    references=(f"{_HARDENING}#leave_abac_disabled_default_for_110",),
)
def no_abac(cluster: Cluster) -> Flaws:
    if cluster.enable_legacy_abac.is_true:
        yield flaw("The cluster uses legacy authorization (ABAC).", cluster.enable_legacy_abac)


@check(
    "GCP-0063",
    POOLS,
    severity="LOW",
    code="enable-auto-repair",
    title="GKE node pools should repair themselves",
    why="A failing node stays, with all that runs on it, until somebody notices.",
    fix="Set `auto_repair` to true in the pool's `management` block.",
    references=(f"{_DOCS}/how-to/node-auto-repair",),
)
def repairs(pool: NodePool) -> Flaws:
    if not pool.management.enable_auto_repair.is_true:
        yield flaw("The node pool does not repair itself.", pool.management.enable_auto_repair)


@check(
    "GCP-0064",
    CLUSTERS,
    severity="HIGH",
    code="no-legacy-authentication",
    title="GKE clusters should refuse client certificates and basic authentication",
    why="Client certificates cannot be revoked and passwords are static: one that leaks opens the cluster until it is "
    "made anew.",
    fix="Set `issue_client_certificate` to false, leave out `username` and `password`; log in with Google accounts.",
    references=(f"{_HARDENING}#restrict_authn_methods",),
)
def no_legacy_logins(cluster: Cluster) -> Flaws:
    auth = cluster.master_auth
    if auth.client_certificate.issue_certificate.is_true:
        yield flaw("The cluster issues a client certificate.", auth.client_certificate.issue_certificate)
    elif auth.username.is_set:
        yield flaw("The cluster accepts a user name and password.", auth.username)
