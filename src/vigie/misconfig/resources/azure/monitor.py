"""Monitor: profiles of the activity log."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class RetentionPolicy(Resource):
    """How long logs are kept, in days."""

    enabled: Attribute[bool] = absent(False)
    days: Attribute[int] = absent(0)


class LogProfile(Resource):
    """A log profile. categories: `Action`, `Delete`, `Write`. locations: names of regions, `global` for the rest."""

    retention_policy: RetentionPolicy = field(default_factory=RetentionPolicy)
    categories: list[Attribute[str]] = []
    locations: list[Attribute[str]] = []


class Monitor(Resource):
    """The service."""

    log_profiles: list[LogProfile] = []


def retention(block: Block) -> RetentionPolicy:
    """What the nested block `retention_policy` says."""
    policy = block.block("retention_policy")
    return RetentionPolicy(
        cause=policy.cause if policy else block.cause,
        enabled=block.boolean("retention_policy.enabled"),
        days=block.integer("retention_policy.days"),
    )


def from_terraform(graph: Graph) -> Monitor:
    return Monitor(
        log_profiles=[
            LogProfile(
                cause=block.cause,
                retention_policy=retention(block),
                categories=block.strings("categories"),
                locations=block.strings("locations"),
            )
            for block in graph.resources("azurerm_monitor_log_profile")
        ]
    )


service = Service(
    path="azure.monitor",
    model=Monitor,
    terraform=Adapter(types=("azurerm_monitor_log_profile",), fill=from_terraform),
)
