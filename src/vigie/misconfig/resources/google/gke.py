"""Google Kubernetes Engine: clusters and their node pools."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.google.parts import partly
from vigie.misconfig.value import Attribute


class WorkloadMetadataConfig(Resource):
    """node_metadata: what pods see of the node's metadata; empty when nothing is said of the nodes at all."""

    node_metadata: Attribute[str] = absent("")


class NodeConfig(Resource):
    image_type: Attribute[str] = absent("")
    workload_metadata_config: WorkloadMetadataConfig = field(default_factory=WorkloadMetadataConfig)
    service_account: Attribute[str] = absent("")
    enable_legacy_endpoints: Attribute[bool] = absent(True)


class Management(Resource):
    enable_auto_repair: Attribute[bool] = absent(False)
    enable_auto_upgrade: Attribute[bool] = absent(False)


class NodePool(Resource):
    management: Management = field(default_factory=Management)
    node_config: NodeConfig = field(default_factory=NodeConfig)


class Switch(Resource):
    enabled: Attribute[bool] = absent(False)


class MasterAuthorizedNetworks(Switch):
    cidrs: list[Attribute[str]] = []


class PrivateCluster(Resource):
    enable_private_nodes: Attribute[bool] = absent(False)


class ClientCertificate(Resource):
    issue_certificate: Attribute[bool] = absent(False)


class MasterAuth(Resource):
    client_certificate: ClientCertificate = field(default_factory=ClientCertificate)
    username: Attribute[str] = absent("")
    password: Attribute[str] = absent("")


class AutoProvisioningDefaults(Resource):
    image_type: Attribute[str] = absent("")
    service_account: Attribute[str] = absent("")
    management: Management = field(default_factory=Management)


class AutoScaling(Switch):
    auto_provisioning_defaults: AutoProvisioningDefaults = field(default_factory=AutoProvisioningDefaults)


class Cluster(Resource):
    """node_config: of the default pool. enable_autpilot: Autopilot; the spelling is the model's."""

    node_pools: list[NodePool] = []
    ip_allocation_policy: Switch = field(default_factory=Switch)
    master_authorized_networks: MasterAuthorizedNetworks = field(default_factory=MasterAuthorizedNetworks)
    network_policy: Switch = field(default_factory=Switch)
    private_cluster: PrivateCluster = field(default_factory=PrivateCluster)
    logging_service: Attribute[str] = absent("")
    monitoring_service: Attribute[str] = absent("")
    master_auth: MasterAuth = field(default_factory=MasterAuth)
    node_config: NodeConfig = field(default_factory=NodeConfig)
    auto_scaling: AutoScaling = field(default_factory=AutoScaling)
    enable_shielded_nodes: Attribute[bool] = absent(False)
    enable_legacy_abac: Attribute[bool] = absent(False)
    resource_labels: Attribute[Mapping[str, str]] = absent({})
    remove_default_node_pool: Attribute[bool] = absent(False)
    enable_autpilot: Attribute[bool] = absent(False)
    datapath_provider: Attribute[str] = absent("DATAPATH_PROVIDER_UNSPECIFIED")


class GKE(Resource):
    """The service."""

    clusters: list[Cluster] = []


def terraform(graph: Graph) -> GKE:
    """Kubernetes Engine of a Terraform project."""
    clusters: dict[Block | None, Cluster] = {
        block: cluster(block) for block in graph.resources("google_container_cluster")
    }
    for owner, pools in graph.linked(("google_container_node_pool",), "cluster", "google_container_cluster").items():
        clusters.setdefault(owner, Cluster()).node_pools += [node_pool(block) for block in pools]
    return GKE(clusters=list(clusters.values()))


def cluster(block: Block) -> Cluster:
    networks, policy = block.block("master_authorized_networks_config"), block.block("network_policy")
    private, auth = block.block("private_cluster_config"), block.block("master_auth")
    certificate = block.block("master_auth.client_certificate_config")
    addresses = block.block("ip_allocation_policy")
    return Cluster(
        cause=block.cause,
        ip_allocation_policy=Switch(cause=(addresses or block).cause, enabled=block.presence("ip_allocation_policy")),
        master_authorized_networks=MasterAuthorizedNetworks(
            cause=(networks or block).cause,
            enabled=block.presence("master_authorized_networks_config"),
            cidrs=[
                nested.string("cidr_block") for nested in block.blocks("master_authorized_networks_config.cidr_blocks")
            ],
        ),
        network_policy=Switch(cause=(policy or block).cause, enabled=block.boolean("network_policy.enabled")),
        private_cluster=PrivateCluster(
            cause=(private or block).cause,
            enable_private_nodes=block.boolean("private_cluster_config.enable_private_nodes"),
        ),
        logging_service=block.string("logging_service", "logging.googleapis.com/kubernetes"),
        monitoring_service=block.string("monitoring_service", "monitoring.googleapis.com/kubernetes"),
        master_auth=MasterAuth(
            cause=(auth or block).cause,
            client_certificate=ClientCertificate(
                cause=(certificate or auth or block).cause,
                issue_certificate=block.boolean("master_auth.client_certificate_config.issue_client_certificate"),
            ),
            username=block.string("master_auth.username"),
            password=block.string("master_auth.password"),
        ),
        node_config=node_config(block),
        auto_scaling=auto_scaling(block),
        enable_shielded_nodes=block.boolean("enable_shielded_nodes", True),
        enable_legacy_abac=block.boolean("enable_legacy_abac"),
        resource_labels=block.mapping("resource_labels"),
        remove_default_node_pool=block.boolean("remove_default_node_pool"),
        enable_autpilot=block.boolean("enable_autopilot"),
        datapath_provider=block.string("datapath_provider", "DATAPATH_PROVIDER_UNSPECIFIED"),
    )


def auto_scaling(block: Block) -> AutoScaling:
    path = "cluster_autoscaling.auto_provisioning_defaults"
    written, defaults = block.block("cluster_autoscaling"), block.block(path)
    return AutoScaling(
        cause=(written or block).cause,
        enabled=block.boolean("cluster_autoscaling.enabled"),
        auto_provisioning_defaults=AutoProvisioningDefaults(
            cause=(defaults or written or block).cause,
            image_type=block.string(f"{path}.image_type"),
            service_account=partly(block, f"{path}.service_account"),
            management=management(block, f"{path}.management"),
        ),
    )


def node_pool(block: Block) -> NodePool:
    return NodePool(cause=block.cause, management=management(block, "management"), node_config=node_config(block))


def management(block: Block, path: str) -> Management:
    return Management(
        cause=(block.block(path) or block).cause,
        enable_auto_repair=block.boolean(f"{path}.auto_repair"),
        enable_auto_upgrade=block.boolean(f"{path}.auto_upgrade"),
    )


def node_config(block: Block) -> NodeConfig:
    nested = block.block("node_config")
    config = "node_config.workload_metadata_config"
    mode = block.string(f"{config}.node_metadata")
    if not mode.explicit and mode.known:
        mode = block.string(f"{config}.mode", "UNSPECIFIED" if nested is not None else "")
        if not mode.explicit and nested is not None and not nested.certain:
            mode = Attribute("", mode.cause, known=False)
    disabled = block.boolean("node_config.metadata.disable-legacy-endpoints")
    return NodeConfig(
        cause=(nested or block).cause,
        image_type=block.string("node_config.image_type"),
        workload_metadata_config=WorkloadMetadataConfig(
            cause=(block.block(config) or nested or block).cause, node_metadata=mode
        ),
        service_account=partly(block, "node_config.service_account"),
        enable_legacy_endpoints=disabled.holds(lambda off: not off),
    )


service = Service(
    path="google.gke",
    model=GKE,
    terraform=Adapter(types=("google_container_cluster", "google_container_node_pool"), fill=terraform),
)
