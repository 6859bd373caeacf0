"""Cloud SQL: database instances and their settings."""

from __future__ import annotations

from typing import TypeVar

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.google.parts import partly
from vigie.misconfig.value import Attribute

T = TypeVar("T", bool, int, str)


class Flags(Resource):
    """Database flags. log_temp_file_size: KiB from which on temporary files are logged, -1 for never.
    log_min_duration_statement: milliseconds from which on statements are logged, -1 for never."""

    log_temp_file_size: Attribute[int] = absent(-1)
    local_in_file: Attribute[bool] = absent(False)
    contained_database_authentication: Attribute[bool] = absent(True)
    cross_db_ownership_chaining: Attribute[bool] = absent(True)
    log_checkpoints: Attribute[bool] = absent(False)
    log_connections: Attribute[bool] = absent(False)
    log_disconnections: Attribute[bool] = absent(False)
    log_lock_waits: Attribute[bool] = absent(False)
    log_min_messages: Attribute[str] = absent("")
    log_min_duration_statement: Attribute[int] = absent(-1)


class Backups(Resource):
    enabled: Attribute[bool] = absent(False)


class AuthorizedNetwork(Resource):
    name: Attribute[str] = absent("")
    cidr: Attribute[str] = absent("")


class IpConfiguration(Resource):
    """ssl_mode: `ALLOW_UNENCRYPTED_AND_ENCRYPTED`, `ENCRYPTED_ONLY`, `TRUSTED_CLIENT_CERTIFICATE_REQUIRED`.
    require_tls: the older way to say so."""

    require_tls: Attribute[bool] = absent(False)
    ssl_mode: Attribute[str] = absent("")
    enable_ipv4: Attribute[bool] = absent(True)
    authorized_networks: list[AuthorizedNetwork] = []


class Settings(Resource):
    flags: Flags = field(default_factory=Flags)
    backups: Backups = field(default_factory=Backups)
    ip_configuration: IpConfiguration = field(default_factory=IpConfiguration)


class Instance(Resource):
    """database_version: `POSTGRES_16`, `MYSQL_8_0`, `SQLSERVER_2022_STANDARD`."""

    database_version: Attribute[str] = absent("")
    settings: Settings = field(default_factory=Settings)
    is_replica: Attribute[bool] = absent(False)

    def runs(self, family: str) -> bool:
        """Whether the database is of a family: `POSTGRES`, `MYSQL`, `SQLSERVER`."""
        return self.database_version.certain() and self.database_version.value.startswith(f"{family}_")


class SQL(Resource):
    """The service."""

    instances: list[Instance] = []


def terraform(graph: Graph) -> SQL:
    """Cloud SQL of a Terraform project."""
    return SQL(instances=[instance(block) for block in graph.resources("google_sql_database_instance")])


def instance(block: Block) -> Instance:
    nested = block.block("settings") or block
    network, backups = block.block("settings.ip_configuration"), block.block("settings.backup_configuration")
    return Instance(
        cause=block.cause,
        database_version=partly(block, "database_version"),
        settings=Settings(
            cause=nested.cause,
            flags=flags(nested),
            backups=Backups(
                cause=(backups or nested).cause, enabled=block.boolean("settings.backup_configuration.enabled")
            ),
            ip_configuration=IpConfiguration(
                cause=(network or nested).cause,
                require_tls=block.boolean("settings.ip_configuration.require_ssl"),
                ssl_mode=block.string("settings.ip_configuration.ssl_mode"),
                enable_ipv4=block.boolean("settings.ip_configuration.ipv4_enabled", True),
                authorized_networks=[
                    AuthorizedNetwork(cause=one.cause, name=one.string("name"), cidr=one.string("value"))
                    for one in block.blocks("settings.ip_configuration.authorized_networks")
                ],
            ),
        ),
        is_replica=replica(block),
    )


def replica(block: Block) -> Attribute[bool]:
    """Whether the instance follows another one; the other's name is often only known later."""
    name = block.string("master_instance_name")
    if name.filled:
        return Attribute(True, name.cause)
    return name.holds(bool)


class _Written:
    """The flags of an instance by their names."""

    def __init__(self, settings: Block) -> None:
        self.settings = settings
        self.blocks: dict[str, Block] = {}
        self.unnamed: Block | None = None
        for block in settings.blocks("database_flags"):
            name = block.string("name")
            if name.known:
                self.blocks[name.value] = block
            else:
                self.unnamed = block

    def missing(self, default: T) -> Attribute[T]:
        """A flag that is not written; not known to be missing where the name of one is not known."""
        if self.unnamed is not None:
            return Attribute(type(default)(), self.unnamed.cause, known=False)
        return Attribute(default, self.settings.cause, explicit=False)

    def switch(self, name: str, default: bool = False) -> Attribute[bool]:
        block = self.blocks.get(name)
        if block is None:
            return self.missing(default)
        return block.string("value").holds(lambda value: value.lower() in ("on", "true", "1"))

    def number(self, name: str) -> Attribute[int]:
        block = self.blocks.get(name)
        return self.missing(-1) if block is None else block.integer("value")

    def text(self, name: str) -> Attribute[str]:
        block = self.blocks.get(name)
        return self.missing("") if block is None else block.string("value")


def flags(settings: Block) -> Flags:
    written = _Written(settings)
    return Flags(
        cause=settings.cause,
        log_temp_file_size=written.number("log_temp_files"),
        local_in_file=written.switch("local_infile"),
        contained_database_authentication=written.switch("contained database authentication", True),
        cross_db_ownership_chaining=written.switch("cross db ownership chaining", True),
        log_checkpoints=written.switch("log_checkpoints"),
        log_connections=written.switch("log_connections"),
        log_disconnections=written.switch("log_disconnections"),
        log_lock_waits=written.switch("log_lock_waits"),
        log_min_messages=written.text("log_min_messages"),
        log_min_duration_statement=written.number("log_min_duration_statement"),
    )


service = Service(
    path="google.sql",
    model=SQL,
    terraform=Adapter(types=("google_sql_database_instance",), fill=terraform),
)
