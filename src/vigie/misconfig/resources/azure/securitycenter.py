"""Defender for Cloud, once Security Center: contacts and plans."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Contact(Resource):
    """Who is told of alerts. is_enabled and minimal_severity: only ARM can say."""

    enable_alert_notifications: Attribute[bool] = absent(False)
    enable_alerts_to_admins: Attribute[bool] = absent(False)
    email: Attribute[str] = absent("")
    phone: Attribute[str] = absent("")
    is_enabled: Attribute[bool] = absent(False)
    minimal_severity: Attribute[str] = absent("")


class Subscription(Resource):
    """The plan of a kind of resource. tier: `Free` or `Standard`."""

    tier: Attribute[str] = absent("Free")


class SecurityCenter(Resource):
    """The service."""

    contacts: list[Contact] = []
    subscriptions: list[Subscription] = []


def from_terraform(graph: Graph) -> SecurityCenter:
    return SecurityCenter(
        contacts=[
            Contact(
                cause=block.cause,
                enable_alert_notifications=block.boolean("alert_notifications"),
                enable_alerts_to_admins=block.boolean("alerts_to_admins"),
                email=block.string("email"),
                phone=block.string("phone"),
            )
            for block in graph.resources("azurerm_security_center_contact")
        ],
        subscriptions=[
            Subscription(cause=block.cause, tier=block.string("tier", "Free"))
            for block in graph.resources("azurerm_security_center_subscription_pricing")
        ],
    )


service = Service(
    path="azure.securitycenter",
    model=SecurityCenter,
    terraform=Adapter(
        types=("azurerm_security_center_contact", "azurerm_security_center_subscription_pricing"), fill=from_terraform
    ),
)
