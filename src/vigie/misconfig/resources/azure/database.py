"""Database servers: SQL Server, MariaDB, MySQL, PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute

MSSQL = ("azurerm_sql_server", "azurerm_mssql_server")
MARIADB = ("azurerm_mariadb_server",)
MYSQL = ("azurerm_mysql_server", "azurerm_mysql_flexible_server")
POSTGRESQL = ("azurerm_postgresql_server", "azurerm_postgresql_flexible_server")
DEFAULT_TLS = "TLS1_2"


class FirewallRule(Resource):
    """A range of addresses that may enter, both ends included."""

    start_ip: Attribute[str] = absent("")
    end_ip: Attribute[str] = absent("")


class Server(Resource):
    """What all servers have. minimum_tls_version: `TLS1_2` …; of SQL Server `1.2` …"""

    enable_ssl_enforcement: Attribute[bool] = absent(False)
    minimum_tls_version: Attribute[str] = absent("")
    enable_public_network_access: Attribute[bool] = absent(True)
    firewall_rules: list[FirewallRule] = []


class ExtendedAuditingPolicy(Resource):
    """What is audited. retention_in_days: 0 for ever."""

    retention_in_days: Attribute[int] = absent(0)


class SecurityAlertPolicy(Resource):
    """Who is told of threats, and of which not."""

    email_addresses: list[Attribute[str]] = []
    disabled_alerts: list[Attribute[str]] = []
    email_account_admins: Attribute[bool] = absent(False)


class ActiveDirectoryAdministrator(Resource):
    """An administrator from the directory."""

    login: Attribute[str] = absent("")


class MSSQLServer(Resource):
    """A SQL Server; a placeholder for what belongs to one that is elsewhere."""

    server: Server = field(default_factory=Server)
    extended_auditing_policies: list[ExtendedAuditingPolicy] = []
    security_alert_policies: list[SecurityAlertPolicy] = []
    administrator_login: Attribute[str] = absent("")
    active_directory_administrators: list[ActiveDirectoryAdministrator] = []


class MariaDBServer(Resource):
    """A MariaDB server, or a placeholder."""

    server: Server = field(default_factory=Server)


class MySQLServer(Resource):
    """A MySQL server, or a placeholder."""

    server: Server = field(default_factory=Server)


class PostgreSQLConfig(Resource):
    """Parameters of PostgreSQL."""

    log_checkpoints: Attribute[bool] = absent(False)
    connection_throttling: Attribute[bool] = absent(False)
    log_connections: Attribute[bool] = absent(False)
    log_disconnections: Attribute[bool] = absent(False)


class ThreatDetectionPolicy(Resource):
    """Whether threats are looked for."""

    enabled: Attribute[bool] = absent(False)


class PostgreSQLServer(Resource):
    """A PostgreSQL server, or a placeholder."""

    server: Server = field(default_factory=Server)
    config: PostgreSQLConfig = field(default_factory=PostgreSQLConfig)
    geo_redundant_backup_enabled: Attribute[bool] = absent(False)
    threat_detection_policy: ThreatDetectionPolicy = field(default_factory=ThreatDetectionPolicy)


class Database(Resource):
    """The service."""

    mssql_servers: list[MSSQLServer] = []
    mariadb_servers: list[MariaDBServer] = []
    mysql_servers: list[MySQLServer] = []
    postgresql_servers: list[PostgreSQLServer] = []


S = TypeVar("S", MSSQLServer, MariaDBServer, MySQLServer, PostgreSQLServer)
Satellites = dict[str, Callable[[S, Block], None]]
"""What hangs on servers: by the resource's type, what takes it over."""


def from_terraform(graph: Graph) -> Database:
    return Database(
        mssql_servers=_servers(graph, MSSQL, _mssql, MSSQLServer, MSSQL_SATELLITES),
        mariadb_servers=_servers(graph, MARIADB, _mariadb, MariaDBServer, MARIADB_SATELLITES),
        mysql_servers=_servers(graph, MYSQL, _mysql, MySQLServer, MYSQL_SATELLITES),
        postgresql_servers=_servers(graph, POSTGRESQL, _postgresql, PostgreSQLServer, POSTGRESQL_SATELLITES),
    )


def _servers(
    graph: Graph,
    types: tuple[str, ...],
    make: Callable[[Block], S],
    placeholder: Callable[[], S],
    satellites: Satellites[S],
) -> list[S]:
    """The servers of one kind with what belongs to them, and a placeholder for what belongs to none of them."""
    found: dict[Block | None, S] = {block: make(block) for block in graph.resources(*types)}
    orphans: S | None = None
    for type_, take in satellites.items():
        for block in graph.resources(type_):
            server = _server_of(graph, block, types)
            if server not in found:
                orphans = orphans or placeholder()
                take(orphans, block)
            else:
                take(found[server], block)
    servers = list(found.values())
    if orphans is not None:
        servers.append(orphans)
    return servers


def _server_of(graph: Graph, block: Block, types: tuple[str, ...]) -> Block | None:
    """The server that a resource names by id or name, or whose database it names."""
    if block.has("database_id"):
        database = graph.target(block, "database_id", "azurerm_mssql_database")
        return graph.target(database, "server_id", *types) if database else None
    return graph.target(block, "server_id" if block.has("server_id") else "server_name", *types)


def _server(block: Block, ssl: Attribute[bool], tls: Attribute[str]) -> Server:
    return Server(
        cause=block.cause,
        enable_ssl_enforcement=ssl,
        minimum_tls_version=tls,
        enable_public_network_access=block.boolean("public_network_access_enabled", True),
    )


def _mssql(block: Block) -> MSSQLServer:
    administrators = []
    for part in block.blocks("azuread_administrator"):
        name = "login_username" if part.has("login_username") else "login"
        administrators.append(ActiveDirectoryAdministrator(cause=part.cause, login=part.string(name)))
    return MSSQLServer(
        cause=block.cause,
        server=_server(
            block, Attribute(False, block.cause, explicit=False), block.string("minimum_tls_version", "1.2")
        ),
        extended_auditing_policies=[_auditing(part) for part in block.blocks("extended_auditing_policy")],
        administrator_login=block.string("administrator_login"),
        active_directory_administrators=administrators,
    )


def _mariadb(block: Block) -> MariaDBServer:
    tls = Attribute("", block.cause, explicit=False)
    return MariaDBServer(cause=block.cause, server=_server(block, block.boolean("ssl_enforcement_enabled"), tls))


def _mysql(block: Block) -> MySQLServer:
    return MySQLServer(cause=block.cause, server=_enforcing(block))


def _postgresql(block: Block) -> PostgreSQLServer:
    off = Attribute(False, block.cause, explicit=False)
    threats = block.block("threat_detection_policy")
    return PostgreSQLServer(
        cause=block.cause,
        server=_enforcing(block),
        config=PostgreSQLConfig(
            cause=block.cause,
            log_checkpoints=off,
            connection_throttling=off,
            log_connections=off,
            log_disconnections=off,
        ),
        geo_redundant_backup_enabled=block.boolean("geo_redundant_backup_enabled"),
        threat_detection_policy=ThreatDetectionPolicy(
            cause=threats.cause if threats else block.cause, enabled=block.boolean("threat_detection_policy.enabled")
        ),
    )


def _enforcing(block: Block) -> Server:
    """A server of MySQL or PostgreSQL. A flexible one enforces TLS unless one of its parameters says otherwise."""
    flexible = "_flexible_" in block.type
    return _server(
        block,
        Attribute(True, block.cause, explicit=False) if flexible else block.boolean("ssl_enforcement_enabled"),
        Attribute(DEFAULT_TLS, block.cause, explicit=False)
        if flexible
        else block.string("ssl_minimal_tls_version_enforced", DEFAULT_TLS),
    )


def _auditing(block: Block) -> ExtendedAuditingPolicy:
    return ExtendedAuditingPolicy(cause=block.cause, retention_in_days=block.integer("retention_in_days"))


def _firewall_rule(server: S, block: Block) -> None:
    rule = FirewallRule(
        cause=block.cause, start_ip=block.string("start_ip_address"), end_ip=block.string("end_ip_address")
    )
    server.server.firewall_rules.append(rule)


def _auditing_policy(server: MSSQLServer, block: Block) -> None:
    server.extended_auditing_policies.append(_auditing(block))


def _alert_policy(server: MSSQLServer, block: Block) -> None:
    server.security_alert_policies.append(
        SecurityAlertPolicy(
            cause=block.cause,
            email_addresses=block.strings("email_addresses"),
            disabled_alerts=block.strings("disabled_alerts"),
            email_account_admins=block.boolean("email_account_admins"),
        )
    )


def _administrator(server: MSSQLServer, block: Block) -> None:
    server.active_directory_administrators.append(
        ActiveDirectoryAdministrator(cause=block.cause, login=block.string("login"))
    )


def _parameter(server: MySQLServer | PostgreSQLServer, block: Block) -> None:
    """A parameter of a server: what it is called depends on the kind of server."""
    name, value = block.string("name"), block.string("value")
    if not name.known:
        return
    if isinstance(server, PostgreSQLServer):
        match name.value:
            case "log_checkpoints":
                server.config.log_checkpoints = _on(value)
            case "connection_throttling" | "connection_throttle.enable":
                server.config.connection_throttling = _on(value)
            case "log_connections":
                server.config.log_connections = _on(value)
            case "log_disconnections":
                server.config.log_disconnections = _on(value)
    match name.value:
        case "require_secure_transport":
            server.server.enable_ssl_enforcement = _on(value)
        case "tls_version" | "ssl_min_protocol_version":
            server.server.minimum_tls_version = _lowest_tls(value)


def _on(value: Attribute[str]) -> Attribute[bool]:
    return value.holds(lambda text: text.lower() in ("on", "true", "1"))


def _lowest_tls(value: Attribute[str]) -> Attribute[str]:
    """`TLSv1.2`, or several with commas, as the older servers spell the lowest of them: `TLS1_2`."""
    if not value.known:
        return value
    versions = sorted(version.strip().upper() for version in value.value.split(","))
    return Attribute(versions[0].replace("TLSV", "TLS").replace(".", "_"), value.cause)


MSSQL_SATELLITES: Satellites[MSSQLServer] = {
    "azurerm_sql_firewall_rule": _firewall_rule,
    "azurerm_mssql_firewall_rule": _firewall_rule,
    "azurerm_mssql_server_extended_auditing_policy": _auditing_policy,
    "azurerm_mssql_database_extended_auditing_policy": _auditing_policy,
    "azurerm_mssql_server_security_alert_policy": _alert_policy,
    "azurerm_sql_active_directory_administrator": _administrator,
}
MARIADB_SATELLITES: Satellites[MariaDBServer] = {"azurerm_mariadb_firewall_rule": _firewall_rule}
MYSQL_SATELLITES: Satellites[MySQLServer] = {
    "azurerm_mysql_firewall_rule": _firewall_rule,
    "azurerm_mysql_flexible_server_firewall_rule": _firewall_rule,
    "azurerm_mysql_flexible_server_configuration": _parameter,
}
POSTGRESQL_SATELLITES: Satellites[PostgreSQLServer] = {
    "azurerm_postgresql_firewall_rule": _firewall_rule,
    "azurerm_postgresql_flexible_server_firewall_rule": _firewall_rule,
    "azurerm_postgresql_configuration": _parameter,
    "azurerm_postgresql_flexible_server_configuration": _parameter,
}

service = Service(
    path="azure.database",
    model=Database,
    terraform=Adapter(
        types=(
            *MSSQL,
            *MARIADB,
            *MYSQL,
            *POSTGRESQL,
            *MSSQL_SATELLITES,
            *MARIADB_SATELLITES,
            *MYSQL_SATELLITES,
            *POSTGRESQL_SATELLITES,
            "azurerm_mssql_database",
        ),
        fill=from_terraform,
    ),
)
