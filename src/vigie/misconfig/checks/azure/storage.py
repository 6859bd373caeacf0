"""Checks of storage accounts."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.storage import Account, Container, NetworkRule
from vigie.misconfig.value import Attribute

REPLICATED = ("GRS", "RAGRS", "GZRS", "RAGZRS")


@check(
    "AZU-0007",
    "azure.storage.accounts.containers",
    severity="HIGH",
    code="no-public-access",
    title="Blob containers should not be public",
    why="Anybody on the internet can read the blobs of a container with public access, without an account or a key.",
    fix="Leave the container's access type at private, and hand out shared access signatures where needed.",
    references=("https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent",),
)
def container_is_private(container: Container) -> Flaws:
    if container.public_access.differs("off", "None"):
        yield flaw(f"Container allows public access of kind {container.public_access.value}.", container.public_access)


@check(
    "AZU-0008",
    "azure.storage.accounts",
    severity="HIGH",
    code="enforce-https",
    title="Storage accounts should accept HTTPS only",
    why="Over plain HTTP, data and shared access signatures can be read and changed on the way.",
    fix="Set https_traffic_only_enabled (enable_https_traffic_only before version 4 of the provider) to true.",
    references=("https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer",),
)
def https_only(account: Account) -> Flaws:
    if not account.enforce_https.is_true:
        yield flaw("Storage account accepts plain HTTP.", account.enforce_https)


@check(
    "AZU-0009",
    "azure.storage.accounts",
    severity="MEDIUM",
    code="queue-services-logging-enabled",
    title="Requests to queues should be logged",
    why="Without logs of reads, writes and deletions nobody can tell afterwards who used or emptied a queue.",
    fix="Add a logging block to the account's queue properties and turn on delete, read and write.",
    references=("https://learn.microsoft.com/azure/storage/queues/monitor-queue-storage",),
)
def queues_log(account: Account) -> Flaws:
    if account.queues and not account.queue_properties.enable_logging.is_true:
        yield flaw(
            "Storage account has queues, but does not log requests to them.", account.queue_properties.enable_logging
        )


@check(
    "AZU-0010",
    "azure.storage.accounts.network_rules",
    severity="HIGH",
    code="allow-microsoft-service-bypass",
    title="Network rules should let trusted Microsoft services pass",
    why="Backup, monitoring and other services of Azure run outside of your networks. Rules that shut them out break "
    "these services for the account.",
    fix="Add AzureServices to the rules' bypass list.",
    references=("https://learn.microsoft.com/azure/storage/common/storage-network-security",),
)
def microsoft_services_pass(rule: NetworkRule) -> Flaws:
    if all(service.differs("AzureServices") for service in rule.bypass):
        yield flaw(
            "Network rules do not let trusted Microsoft services pass.", rule.bypass[0] if rule.bypass else rule.cause
        )


@check(
    "AZU-0011",
    "azure.storage.accounts",
    severity="CRITICAL",
    code="use-secure-tls-policy",
    title="Storage accounts should require TLS 1.2 or newer",
    why="TLS 1.0 and 1.1 have known weaknesses; clients that still speak them can be eavesdropped.",
    fix="Set min_tls_version to TLS1_2.",
    references=("https://learn.microsoft.com/azure/storage/common/transport-layer-security-configure-minimum-version",),
)
def modern_tls(account: Account) -> Flaws:
    if _is_old(account.minimum_tls_version):
        yield flaw("Storage account accepts TLS versions before 1.2.", account.minimum_tls_version)


def _is_old(version: Attribute[str]) -> bool:
    return version.is_empty or version.differs("TLS1_2", "TLS1_3")


@check(
    "AZU-0012",
    "azure.storage.accounts",
    severity="CRITICAL",
    code="default-action-deny",
    title="Storage accounts should refuse networks by default",
    why="When the default action is to allow, the account can be reached from every network, the internet included.",
    fix="Give the account network rules with default_action Deny and name the networks that may enter.",
    references=("https://learn.microsoft.com/azure/storage/common/storage-network-security-set-default-access",),
)
def refuses_by_default(account: Account) -> Flaws:
    for rule in account.network_rules:
        if rule.allow_by_default.is_true:
            yield flaw("Network rules allow all networks by default.", rule.allow_by_default)
    if not account.network_rules:
        yield flaw("Storage account has no network rules, so all networks are allowed.", account)


@check(
    "AZU-0056",
    "azure.storage.accounts",
    severity="MEDIUM",
    code="blobs-soft-deletion-enabled",
    title="Deleted blobs should be restorable",
    why="Without soft delete, a blob that is deleted by mistake or on purpose is gone for good.",
    fix="Set the days of the blob properties' delete retention policy to 7 or more.",
    references=("https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview",),
)
def blobs_soft_delete(account: Account) -> Flaws:
    days = account.blob_properties.delete_retention_policy.days
    if days.equals(0):
        yield flaw("Deleted blobs cannot be restored.", days)


@check(
    "AZU-0057",
    "azure.storage.accounts",
    severity="MEDIUM",
    code="storage-account-logging-enabled",
    title="Storage accounts should log requests",
    why="Without a log of requests, misuse of the account's data cannot be noticed or followed up.",
    fix="Add queue properties with a logging block that turns on delete, read and write.",
    references=("https://learn.microsoft.com/azure/storage/common/storage-analytics-logging",),
)
def account_logs(account: Account) -> Flaws:
    if account.queue_properties.enable_logging.is_false:
        yield flaw("Storage account logs no requests.", account.queue_properties.enable_logging)


@check(
    "AZU-0058",
    "azure.storage.accounts",
    severity="LOW",
    code="enable-geo-redundant-backups",
    title="Storage accounts should be replicated to a second region",
    why="Data that is kept in one region only is lost or out of reach when that region fails.",
    fix="Set account_replication_type to GRS, RAGRS, GZRS or RAGZRS.",
    references=("https://learn.microsoft.com/azure/storage/common/storage-redundancy",),
)
def geo_redundant(account: Account) -> Flaws:
    replication = account.account_replication_type
    if replication.is_empty or replication.differs(*REPLICATED):
        yield flaw("Storage account is not replicated to a second region.", replication)


@check(
    "AZU-0059",
    "azure.storage.accounts",
    severity="HIGH",
    code="log-storage-encryption",
    title="Data of storage accounts should be encrypted on the way",
    why="Logs and other data that travel over HTTP or old TLS versions can be read by whoever sits in between.",
    fix="Accept HTTPS only and set min_tls_version to TLS1_2.",
    references=("https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer",),
)
def transfers_are_encrypted(account: Account) -> Flaws:
    if account.enforce_https.is_false:
        yield flaw("Storage account accepts data over plain HTTP.", account.enforce_https)
    if _is_old(account.minimum_tls_version):
        yield flaw("Storage account accepts data over TLS versions before 1.2.", account.minimum_tls_version)


@check(
    "AZU-0060",
    "azure.storage.accounts",
    severity="MEDIUM",
    code="blob-container-cmk-encrypted",
    title="Accounts with containers should be encrypted with a customer's key",
    why="With a key of Microsoft's you decide neither who may use it nor when it is rotated or withdrawn.",
    fix="Give the account a customer-managed key from a key vault.",
    references=("https://learn.microsoft.com/azure/storage/common/customer-managed-keys-overview",),
)
def containers_have_own_key(account: Account) -> Flaws:
    if account.containers and account.customer_managed_key.key_vault_key_id.is_empty:
        yield flaw(
            "Storage account with containers has no customer-managed key.",
            account.customer_managed_key.key_vault_key_id,
        )


@check(
    "AZU-0061",
    "azure.storage.accounts",
    severity="MEDIUM",
    code="infrastructure-encryption-enabled",
    title="Storage accounts should encrypt twice",
    why="A second encryption, by the infrastructure and with another key, protects data when the first one is broken "
    "or its key is known. It can only be chosen when the account is made.",
    fix="Set infrastructure_encryption_enabled to true.",
    references=("https://learn.microsoft.com/azure/storage/common/infrastructure-encryption-enable",),
)
def infrastructure_encrypts(account: Account) -> Flaws:
    if account.infrastructure_encryption_enabled.is_false:
        yield flaw("Storage account is not encrypted by the infrastructure.", account.infrastructure_encryption_enabled)
