"""Storage accounts: containers, queues, network rules, keys."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute

ACCOUNT = "azurerm_storage_account"


class NetworkRule(Resource):
    """Who reaches the account. bypass: `AzureServices`, `Logging`, `Metrics` or `None`."""

    bypass: list[Attribute[str]] = []
    allow_by_default: Attribute[bool] = absent(False)


class Container(Resource):
    """A blob container. public_access: `off`, `blob` or `container`; `None` in ARM."""

    public_access: Attribute[str] = absent("off")


class Queue(Resource):
    """A queue."""

    name: Attribute[str] = absent("")


class QueueLogging(Resource):
    """Which requests to queues are logged."""

    delete: Attribute[bool] = absent(False)
    read: Attribute[bool] = absent(False)
    write: Attribute[bool] = absent(False)
    version: Attribute[str] = absent("")
    retention_policy_days: Attribute[int] = absent(0)


class QueueProperties(Resource):
    """Settings of the queue service. enable_logging: whether any kind of request is logged."""

    enable_logging: Attribute[bool] = absent(False)
    logging: QueueLogging = field(default_factory=QueueLogging)


class DeleteRetentionPolicy(Resource):
    """How long deleted blobs can be restored, in days."""

    days: Attribute[int] = absent(7)


class BlobProperties(Resource):
    """Settings of the blob service."""

    delete_retention_policy: DeleteRetentionPolicy = field(default_factory=DeleteRetentionPolicy)


class CustomerManagedKey(Resource):
    """The customer's key that encrypts the account."""

    key_vault_key_id: Attribute[str] = absent("")
    user_assigned_identity_id: Attribute[str] = absent("")


class Account(Resource):
    """A storage account; a placeholder for what belongs to an account that is elsewhere."""

    network_rules: list[NetworkRule] = []
    enforce_https: Attribute[bool] = absent(False)
    containers: list[Container] = []
    queue_properties: QueueProperties = field(default_factory=QueueProperties)
    minimum_tls_version: Attribute[str] = absent("")
    queues: list[Queue] = []
    public_network_access: Attribute[bool] = absent(True)
    blob_properties: BlobProperties = field(default_factory=BlobProperties)
    account_replication_type: Attribute[str] = absent("")
    infrastructure_encryption_enabled: Attribute[bool] = absent(False)
    customer_managed_key: CustomerManagedKey = field(default_factory=CustomerManagedKey)


class Storage(Resource):
    """The service."""

    accounts: list[Account] = []


def from_terraform(graph: Graph) -> Storage:
    found: dict[Block | None, Account] = {block: _account(block) for block in graph.resources(ACCOUNT)}
    orphans = Account()

    def owner(block: Block) -> Account:
        account = graph.target(block, "storage_account_id", ACCOUNT)
        account = account or graph.target(block, "storage_account_name", ACCOUNT)
        return found.get(account, orphans)

    for block in graph.resources("azurerm_storage_container"):
        owner(block).containers.append(_container(block))
    for block in graph.resources("azurerm_storage_queue"):
        owner(block).queues.append(Queue(cause=block.cause, name=block.string("name")))
    for block in graph.resources("azurerm_storage_account_network_rules"):
        owner(block).network_rules.append(_network_rule(block))
    for block in graph.resources("azurerm_storage_account_queue_properties"):
        owner(block).queue_properties = _queue_properties(block)
    for block in graph.resources("azurerm_storage_account_customer_managed_key"):
        owner(block).customer_managed_key = _customer_managed_key(block)
    # The placeholder is always there, as the field's own checks know it.
    return Storage(accounts=[*found.values(), orphans])


def _account(block: Block) -> Account:
    blobs = block.block("blob_properties")
    retention = block.block("blob_properties.delete_retention_policy")
    queues = block.block("queue_properties")
    key = block.block("customer_managed_key")
    # Version 4 of the provider renamed it.
    https = "https_traffic_only_enabled" if block.has("https_traffic_only_enabled") else "enable_https_traffic_only"
    return Account(
        cause=block.cause,
        network_rules=[_network_rule(rule) for rule in block.blocks("network_rules")],
        enforce_https=block.boolean(https, True),
        queue_properties=_queue_properties(queues)
        if queues
        else QueueProperties(
            cause=block.cause,
            enable_logging=Attribute(False, block.cause, explicit=False),
            logging=_queue_logging(block),
        ),
        minimum_tls_version=block.string("min_tls_version", "TLS1_2"),
        public_network_access=block.boolean("public_network_access_enabled", True),
        blob_properties=BlobProperties(
            cause=blobs.cause if blobs else block.cause,
            delete_retention_policy=DeleteRetentionPolicy(
                cause=retention.cause if retention else blobs.cause if blobs else block.cause,
                days=block.integer("blob_properties.delete_retention_policy.days", 7),
            ),
        ),
        account_replication_type=block.string("account_replication_type"),
        infrastructure_encryption_enabled=block.boolean("infrastructure_encryption_enabled"),
        customer_managed_key=_customer_managed_key(key or block),
    )


def _network_rule(block: Block) -> NetworkRule:
    return NetworkRule(
        cause=block.cause,
        # Azure lets its own services pass unless told otherwise.
        bypass=block.strings("bypass")
        if block.has("bypass")
        else [Attribute("AzureServices", block.cause, explicit=False)],
        allow_by_default=block.string("default_action").holds(lambda action: action.lower() == "allow"),
    )


def _container(block: Block) -> Container:
    access = block.string("container_access_type", "off")
    if access.known:
        access.value = access.value if access.value in ("blob", "container") else "off"
    return Container(cause=block.cause, public_access=access)


def _queue_properties(block: Block) -> QueueProperties:
    logging = _queue_logging(block)
    off = Attribute(False, logging.cause, explicit=False)
    kinds = (logging.delete, logging.read, logging.write)
    unknown = next((kind for kind in kinds if not kind.known), off)
    return QueueProperties(
        cause=block.cause,
        enable_logging=next((kind for kind in kinds if kind.known and kind.value), unknown),
        logging=logging,
    )


def _queue_logging(block: Block) -> QueueLogging:
    """What is logged, by the block that holds the block `logging`."""
    logging = block.block("logging")
    return QueueLogging(
        cause=logging.cause if logging else block.cause,
        delete=block.boolean("logging.delete"),
        read=block.boolean("logging.read"),
        write=block.boolean("logging.write"),
        version=block.string("logging.version"),
        retention_policy_days=block.integer("logging.retention_policy_days"),
    )


def _customer_managed_key(block: Block) -> CustomerManagedKey:
    # Either the key's id, the vault's id and the key's name, or the id of a key in a managed HSM.
    name = next(
        (name for name in ("managed_hsm_key_id", "key_vault_id", "key_name") if block.has(name)), "key_vault_key_id"
    )
    if block.has("key_vault_key_id"):
        name = "key_vault_key_id"
    return CustomerManagedKey(
        cause=block.cause,
        key_vault_key_id=block.string(name),
        user_assigned_identity_id=block.string("user_assigned_identity_id"),
    )


service = Service(
    path="azure.storage",
    model=Storage,
    terraform=Adapter(
        types=(
            ACCOUNT,
            "azurerm_storage_container",
            "azurerm_storage_queue",
            "azurerm_storage_account_network_rules",
            "azurerm_storage_account_queue_properties",
            "azurerm_storage_account_customer_managed_key",
        ),
        fill=from_terraform,
        always=True,
    ),
)
