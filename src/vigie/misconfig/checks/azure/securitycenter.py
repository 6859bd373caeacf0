"""Checks of Defender for Cloud (Security Center)."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.securitycenter import Contact, Subscription

CONTACTS = "https://learn.microsoft.com/azure/defender-for-cloud/configure-email-notifications"


@check(
    "AZU-0044",
    "azure.securitycenter.contacts",
    service="security-center",
    severity="MEDIUM",
    code="alert-on-severe-notifications",
    aliases=("azure-securitycenter-alert-on-severe-notifications",),
    title="Security contacts should be told of alerts",
    why="An alert that nobody is told of is found too late, or never.",
    fix="Set alert_notifications to true.",
    references=(CONTACTS,),
)
def contact_is_told(contact: Contact) -> Flaws:
    if not contact.enable_alert_notifications.is_true:
        yield flaw("Security contact is not told of alerts.", contact.enable_alert_notifications)


@check(
    "AZU-0045",
    "azure.securitycenter.subscriptions",
    service="security-center",
    severity="LOW",
    code="enable-standard-subscription",
    aliases=("azure-securitycenter-enable-standard-subscription",),
    title="Defender for Cloud should run with a paid plan",
    why="The free tier does not watch workloads for threats; it only gives advice.",
    fix="Set tier to Standard.",
    references=("https://learn.microsoft.com/azure/defender-for-cloud/defender-for-cloud-introduction",),
)
def standard_tier(subscription: Subscription) -> Flaws:
    if subscription.tier.equals("Free"):
        yield flaw("Defender for Cloud runs in the free tier.", subscription.tier)


@check(
    "AZU-0046",
    "azure.securitycenter.contacts",
    service="security-center",
    severity="LOW",
    code="set-required-contact-details",
    aliases=("azure-securitycenter-set-required-contact-details",),
    title="Security contacts should have a phone number",
    why="In an emergency, Microsoft cannot call a contact whose number it does not know.",
    fix="Set phone.",
    references=(CONTACTS,),
)
def contact_has_phone(contact: Contact) -> Flaws:
    if contact.phone.is_empty:
        yield flaw("Security contact has no phone number.", contact.phone)


@check(
    "AZU-0062",
    "azure.securitycenter.contacts",
    service="security-center",
    severity="MEDIUM",
    code="security-contact-email",
    aliases=("azure-securitycenter-security-contact-email",),
    title="Security contacts should have an e-mail address",
    why="Alerts and warnings of Microsoft's are sent by e-mail; without an address they reach nobody.",
    fix="Set email.",
    references=(CONTACTS,),
)
def contact_has_email(contact: Contact) -> Flaws:
    if contact.email.is_empty:
        yield flaw("Security contact has no e-mail address.", contact.email)


@check(
    "AZU-0063",
    "azure.securitycenter.contacts",
    service="security-center",
    severity="MEDIUM",
    code="email-alerts-disabled",
    aliases=("azure-securitycenter-email-alerts-disabled",),
    title="Security alerts should be mailed to contacts and administrators",
    why="Attacks go on while alerts wait to be seen by somebody who happens to look.",
    fix="Set alert_notifications and alerts_to_admins to true.",
    references=(CONTACTS,),
)
def alerts_are_mailed(contact: Contact) -> Flaws:
    if contact.enable_alert_notifications.is_false:
        yield flaw("Alerts are not mailed to the security contact.", contact.enable_alert_notifications)
    if contact.enable_alerts_to_admins.is_false:
        yield flaw("Alerts are not mailed to the subscription's administrators.", contact.enable_alerts_to_admins)


@check(
    "AZU-0064",
    "azure.securitycenter.contacts",
    service="security-center",
    severity="HIGH",
    code="security-contact-disabled",
    aliases=("azure-securitycenter-security-contact-disabled",),
    title="Security contacts should be enabled",
    why="A contact that is switched off is told of nothing.",
    fix="Switch the security contact on. Terraform's provider cannot switch it off.",
    references=(CONTACTS,),
)
def contact_is_enabled(contact: Contact) -> Flaws:
    if contact.is_enabled.cause.managed and contact.is_enabled.is_false:
        yield flaw("Security contact is switched off.", contact.is_enabled)
