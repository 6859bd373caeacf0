"""Checks of key vaults."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.keyvault import Key, Secret, Vault

GUIDE = "https://learn.microsoft.com/azure/key-vault"
FEWEST_DAYS, MOST_DAYS = 7, 90


@check(
    "AZU-0013",
    "azure.keyvault.vaults",
    severity="CRITICAL",
    code="specify-network-acl",
    title="Key vaults should refuse networks by default",
    why="A vault without network rules can be reached from the whole internet; credentials that leak are then enough "
    "to empty it.",
    fix="Add a network_acls block with default_action Deny and name the networks that may enter.",
    references=(f"{GUIDE}/general/network-security",),
)
def refuses_by_default(vault: Vault) -> Flaws:
    if vault.network_acls.default_action.differs("Deny"):
        yield flaw("Key vault does not refuse networks by default.", vault.network_acls.default_action)


@check(
    "AZU-0014",
    "azure.keyvault.vaults.keys",
    severity="MEDIUM",
    code="ensure-key-expiry",
    title="Keys should expire",
    why="A key without an end stays in use for ever, also when somebody has long had a copy of it.",
    fix="Set expiration_date, and rotate the key before.",
    references=(f"{GUIDE}/keys/about-keys",),
)
def key_expires(key: Key) -> Flaws:
    if key.expiry_date.is_empty:
        yield flaw("Key never expires.", key.expiry_date)


@check(
    "AZU-0015",
    "azure.keyvault.vaults.secrets",
    severity="LOW",
    code="content-type-for-secret",
    title="Secrets should state what they hold",
    why="Whoever reads a secret, people and programs alike, should not have to guess whether it is a password, a "
    "certificate or a connection string.",
    fix="Set content_type.",
    references=(f"{GUIDE}/secrets/about-secrets",),
)
def secret_has_content_type(secret: Secret) -> Flaws:
    if secret.content_type.is_empty:
        yield flaw("Secret does not state its content type.", secret.content_type)


@check(
    "AZU-0016",
    "azure.keyvault.vaults",
    severity="MEDIUM",
    code="no-purge",
    title="Key vaults should be protected from being purged",
    why="Without purge protection, somebody with the rights can delete a vault for good, and with it everything that "
    "its keys encrypt.",
    fix="Set purge_protection_enabled to true, and soft_delete_retention_days to 7 up to 90 days.",
    references=(f"{GUIDE}/general/soft-delete-overview",),
)
def purge_protection(vault: Vault) -> Flaws:
    days = vault.soft_delete_retention_days
    if not vault.enable_purge_protection.is_true:
        yield flaw("Key vault has no purge protection.", vault.enable_purge_protection)
    # The field's rule takes days that are not written for 0; they are 90:
    # https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/key_vault
    elif days.explicit and (days.below(FEWEST_DAYS) or days.above(MOST_DAYS)):
        yield flaw(f"Deleted vaults are kept for {days.value} days; 7 to 90 are possible.", days)


@check(
    "AZU-0017",
    "azure.keyvault.vaults.secrets",
    severity="LOW",
    code="ensure-secret-expiry",
    title="Secrets should expire",
    why="A secret without an end is never changed, and stays good for whoever has stolen it.",
    fix="Set expiration_date, and replace the secret before.",
    references=(f"{GUIDE}/secrets/about-secrets",),
)
def secret_expires(secret: Secret) -> Flaws:
    if secret.expiry_date.is_empty:
        yield flaw("Secret never expires.", secret.expiry_date)
