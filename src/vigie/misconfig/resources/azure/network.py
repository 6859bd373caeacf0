"""Networks: security groups, interfaces, flow logs."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.azure.interfaces import TYPES, Interfaces, NetworkInterface, SecurityGroup
from vigie.misconfig.resources.azure.monitor import RetentionPolicy, retention
from vigie.misconfig.value import Attribute


class FlowLog(Resource):
    """A flow log of Network Watcher."""

    enabled: Attribute[bool] = absent(False)
    retention_policy: RetentionPolicy = field(default_factory=RetentionPolicy)


class Network(Resource):
    """The service."""

    security_groups: list[SecurityGroup] = []
    network_watcher_flow_logs: list[FlowLog] = []
    network_interfaces: list[NetworkInterface] = []


def from_terraform(graph: Graph) -> Network:
    interfaces = Interfaces(graph)
    return Network(
        security_groups=interfaces.all_groups(),
        network_watcher_flow_logs=[
            FlowLog(cause=block.cause, enabled=block.boolean("enabled"), retention_policy=retention(block))
            for block in graph.resources("azurerm_network_watcher_flow_log")
        ],
        network_interfaces=list(interfaces.found.values()),
    )


service = Service(
    path="azure.network",
    model=Network,
    terraform=Adapter(types=(*TYPES, "azurerm_network_watcher_flow_log"), fill=from_terraform),
)
