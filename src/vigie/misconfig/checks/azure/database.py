"""Checks of database servers."""

from __future__ import annotations

from vigie.misconfig.addresses import range_is_public
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.database import (
    ExtendedAuditingPolicy,
    FirewallRule,
    MSSQLServer,
    MySQLServer,
    PostgreSQLConfig,
    PostgreSQLServer,
    SecurityAlertPolicy,
    Server,
)
from vigie.misconfig.value import Attribute

GUIDE = "https://learn.microsoft.com/azure"
KINDS = ("mssql_servers", "mariadb_servers", "mysql_servers", "postgresql_servers")
SERVERS = tuple(f"azure.database.{kind}.server" for kind in KINDS)
ALERTS = "azure.database.mssql_servers.security_alert_policies"
PARAMETERS = "azure.database.postgresql_servers.config"
DAYS = 90


@check(
    "AZU-0018",
    ALERTS,
    severity="MEDIUM",
    code="threat-alert-email-set",
    title="Alerts of SQL Server should be mailed to somebody",
    why="An alert that nobody is told of is found too late, or never.",
    fix="Name at least one address in email_addresses of the security alert policy.",
    references=(f"{GUIDE}/azure-sql/database/threat-detection-overview",),
)
def alerts_have_addresses(policy: SecurityAlertPolicy) -> Flaws:
    if any(address.known and address.value for address in policy.email_addresses):
        return
    if all(address.is_empty for address in policy.email_addresses):
        yield flaw("Security alert policy names no e-mail address.", policy)


@check(
    "AZU-0019",
    PARAMETERS,
    severity="MEDIUM",
    code="postgres-configuration-log-connections",
    title="PostgreSQL should log connections",
    why="Without these logs, attempts to log in, successful or not, leave no trace.",
    fix="Set the server's parameter log_connections to on.",
    references=(f"{GUIDE}/postgresql/flexible-server/concepts-logging",),
)
def logs_connections(config: PostgreSQLConfig) -> Flaws:
    if config.log_connections.is_false:
        yield flaw("PostgreSQL does not log connections.", config.log_connections)


@check(
    "AZU-0020",
    *SERVERS[1:],
    severity="MEDIUM",
    code="enable-ssl-enforcement",
    title="Database servers should accept encrypted connections only",
    why="Without TLS, passwords and data can be read and changed on the way.",
    fix="Set ssl_enforcement_enabled to true; leave require_secure_transport of a flexible server on.",
    references=(f"{GUIDE}/postgresql/flexible-server/concepts-networking-ssl-tls",),
)
def enforces_tls(server: Server) -> Flaws:
    if not server.enable_ssl_enforcement.is_true:
        yield flaw("Database server accepts connections without TLS.", server.enable_ssl_enforcement)


@check(
    "AZU-0021",
    PARAMETERS,
    severity="MEDIUM",
    code="postgres-configuration-connection-throttling",
    title="PostgreSQL should throttle connections",
    why="Without a limit after wrong passwords, an attacker can try them as fast as the server answers.",
    fix="Set the server's parameter connection_throttling (connection_throttle.enable of a flexible server) to on.",
    references=(f"{GUIDE}/postgresql/flexible-server/concepts-server-parameters",),
)
def throttles_connections(config: PostgreSQLConfig) -> Flaws:
    if config.connection_throttling.is_false:
        yield flaw("PostgreSQL does not throttle connections.", config.connection_throttling)


@check(
    "AZU-0022",
    *SERVERS,
    severity="MEDIUM",
    code="no-public-access",
    title="Database servers should have no public address",
    why="A server that can be reached from the internet is attacked from there, with guessed and stolen passwords.",
    fix="Set public_network_access_enabled to false and connect over private endpoints.",
    references=(f"{GUIDE}/azure-sql/database/connectivity-settings",),
)
def not_public(server: Server) -> Flaws:
    if server.enable_public_network_access.is_true:
        yield flaw("Database server can be reached over public networks.", server.enable_public_network_access)


@check(
    "AZU-0023",
    ALERTS,
    severity="LOW",
    code="threat-alert-email-to-owner",
    title="Alerts of SQL Server should be mailed to the subscription's owners",
    why="Owners can act at once, also when nobody reads the mailbox that the policy names.",
    fix="Set email_account_admins to true in the security alert policy.",
    references=(f"{GUIDE}/azure-sql/database/threat-detection-overview",),
)
def alerts_go_to_owners(policy: SecurityAlertPolicy) -> Flaws:
    if not policy.email_account_admins.is_true:
        yield flaw("Security alerts are not mailed to the subscription's owners.", policy.email_account_admins)


@check(
    "AZU-0024",
    PARAMETERS,
    severity="MEDIUM",
    code="postgres-configuration-log-checkpoints",
    title="PostgreSQL should log checkpoints",
    why="The log of checkpoints shows when data was written, and slow or failing writes before they do harm.",
    fix="Set the server's parameter log_checkpoints to on.",
    references=(f"{GUIDE}/postgresql/flexible-server/concepts-logging",),
)
def logs_checkpoints(config: PostgreSQLConfig) -> Flaws:
    if config.log_checkpoints.is_false:
        yield flaw("PostgreSQL does not log checkpoints.", config.log_checkpoints)


@check(
    "AZU-0025",
    "azure.database.mssql_servers.extended_auditing_policies",
    severity="MEDIUM",
    code="retention-period-set",
    title="Audit logs of SQL Server should be kept for 90 days",
    why="Attacks are often noticed weeks later. What the log no longer holds then cannot be cleared up.",
    fix="Set retention_in_days to 90 or more, or to 0 to keep logs for ever.",
    references=(f"{GUIDE}/azure-sql/database/auditing-overview",),
)
def audits_are_kept(policy: ExtendedAuditingPolicy) -> Flaws:
    days = policy.retention_in_days
    if days.below(DAYS) and days.value != 0:
        yield flaw(f"Audit logs are kept for {days.value} days, less than {DAYS}.", days)


@check(
    "AZU-0026",
    "azure.database.mssql_servers",
    "azure.database.mysql_servers",
    "azure.database.postgresql_servers",
    severity="MEDIUM",
    code="secure-tls-policy",
    title="Database servers should require TLS 1.2 or newer",
    why="TLS 1.0 and 1.1 have known weaknesses; clients that still speak them can be eavesdropped.",
    fix="Set the minimum TLS version to 1.2: minimum_tls_version of SQL Server, ssl_minimal_tls_version_enforced or, "
    "for flexible servers, the parameters tls_version and ssl_min_protocol_version.",
    references=(f"{GUIDE}/azure-sql/database/connectivity-settings",),
)
def modern_tls(holder: MSSQLServer | MySQLServer | PostgreSQLServer) -> Flaws:
    version = holder.server.minimum_tls_version
    modern = ("1.2", "1.3") if isinstance(holder, MSSQLServer) else ("TLS1_2", "TLS1_3")
    if version.differs(*modern):
        yield flaw("Database server accepts TLS versions before 1.2.", version)


@check(
    "AZU-0027",
    "azure.database.mssql_servers",
    severity="MEDIUM",
    code="enable-audit",
    title="SQL Server should audit",
    why="Without auditing nobody can tell afterwards who read or changed which data.",
    fix="Add azurerm_mssql_server_extended_auditing_policy for the server.",
    references=(f"{GUIDE}/azure-sql/database/auditing-overview",),
)
def audits(server: MSSQLServer) -> Flaws:
    if not server.extended_auditing_policies:
        yield flaw("SQL Server has no extended auditing policy.", server)


@check(
    "AZU-0028",
    ALERTS,
    severity="MEDIUM",
    code="all-threat-alerts-enabled",
    title="No alerts of SQL Server should be switched off",
    why="Each alert stands for a known way of attack: injection, unusual logins, data carried off.",
    fix="Leave disabled_alerts out of the security alert policy.",
    references=(f"{GUIDE}/azure-sql/database/threat-detection-overview",),
)
def all_alerts(policy: SecurityAlertPolicy) -> Flaws:
    switched_off: list[Attribute[str]] = [alert for alert in policy.disabled_alerts if alert.is_set]
    if switched_off:
        named = ", ".join(alert.value or "one that is not known here" for alert in switched_off[:10])
        yield flaw(f"Security alerts are switched off: {named}.", switched_off[0])


@check(
    "AZU-0029",
    *(f"{path}.firewall_rules" for path in SERVERS),
    severity="HIGH",
    code="no-public-firewall-access",
    title="Firewalls of databases should be closed to the internet",
    why="A range of public addresses holds many strangers; each of them may try passwords, or use a stolen one.",
    fix="Name the addresses that need access one by one, or connect over private endpoints.",
    references=(f"{GUIDE}/azure-sql/database/firewall-configure",),
)
def firewall_is_closed(rule: FirewallRule) -> Flaws:
    if not (rule.start_ip.certain() and rule.end_ip.certain()):
        return
    start, end = rule.start_ip.value, rule.end_ip.value
    # 0.0.0.0 to itself, which lets in Azure's own services, and single addresses are no ranges. Unlike the field's rule
    # this one looks at what lies between, too: 10.0.0.0 to 192.168.0.0 lets in half of the internet.
    if start != end and range_is_public(start, end):
        yield flaw(f"Firewall lets in the public addresses from {start} to {end}.", rule.end_ip)
