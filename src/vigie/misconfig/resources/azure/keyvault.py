"""Key vaults: secrets and keys."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute

VAULT = "azurerm_key_vault"


class Secret(Resource):
    """A secret. expiry_date: RFC 3339, empty for never."""

    content_type: Attribute[str] = absent("")
    expiry_date: Attribute[str] = absent("")


class Key(Resource):
    """A key. expiry_date: RFC 3339, empty for never."""

    expiry_date: Attribute[str] = absent("")


class NetworkAcls(Resource):
    """Who reaches the vault. default_action: `Allow`, `Deny`, or empty."""

    default_action: Attribute[str] = absent("")


class Vault(Resource):
    """A vault; a placeholder for keys and secrets whose vault is elsewhere."""

    secrets: list[Secret] = []
    keys: list[Key] = []
    enable_purge_protection: Attribute[bool] = absent(False)
    soft_delete_retention_days: Attribute[int] = absent(0)
    network_acls: NetworkAcls = field(default_factory=NetworkAcls)


class KeyVault(Resource):
    """The service."""

    vaults: list[Vault] = []


def from_terraform(graph: Graph) -> KeyVault:
    found: dict[Block | None, Vault] = {block: _vault(block) for block in graph.resources(VAULT)}
    orphans = Vault()
    for block in graph.resources("azurerm_key_vault_secret"):
        found.get(graph.target(block, "key_vault_id", VAULT), orphans).secrets.append(
            Secret(
                cause=block.cause,
                content_type=block.string("content_type"),
                expiry_date=block.string("expiration_date"),
            )
        )
    for block in graph.resources("azurerm_key_vault_key"):
        found.get(graph.target(block, "key_vault_id", VAULT), orphans).keys.append(
            Key(cause=block.cause, expiry_date=block.string("expiration_date"))
        )
    return KeyVault(vaults=[*found.values(), *([orphans] if orphans.secrets or orphans.keys else [])])


def _vault(block: Block) -> Vault:
    acls = block.block("network_acls")
    return Vault(
        cause=block.cause,
        enable_purge_protection=block.boolean("purge_protection_enabled"),
        soft_delete_retention_days=block.integer("soft_delete_retention_days"),
        network_acls=NetworkAcls(
            cause=acls.cause if acls else block.cause, default_action=block.string("network_acls.default_action")
        ),
    )


service = Service(
    path="azure.keyvault",
    model=KeyVault,
    terraform=Adapter(types=(VAULT, "azurerm_key_vault_secret", "azurerm_key_vault_key"), fill=from_terraform),
)
