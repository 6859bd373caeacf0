"""Checks of Cloud SQL."""

from __future__ import annotations

from vigie.misconfig.addresses import is_public
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.google.sql import Instance

INSTANCES = "google.sql.instances"
_POSTGRES = (
    "https://cloud.google.com/sql/docs/postgres/flags",
    "https://www.postgresql.org/docs/current/runtime-config-logging.html",
)
_SQL_SERVER = "https://cloud.google.com/sql/docs/sqlserver/flags"


@check(
    "GCP-0014",
    INSTANCES,
    severity="MEDIUM",
    code="enable-pg-temp-file-logging",
    title="PostgreSQL should log all temporary files",
    why="Temporary files show queries that need more memory than they have, by mistake or on purpose; without a log "
    "nobody finds them.",
    fix="Set the database flag `log_temp_files` to 0.",
    references=_POSTGRES,
)
def temporary_files_logged(instance: Instance) -> Flaws:
    size = instance.settings.flags.log_temp_file_size
    if instance.runs("POSTGRES") and size.differs(0):
        what = "no temporary files" if size.value < 0 else f"temporary files from {size.value} KiB on only"
        yield flaw(f"The database logs {what}.", size)


@check(
    "GCP-0015",
    INSTANCES,
    severity="HIGH",
    code="encrypt-in-transit-data",
    title="Connections to Cloud SQL should need TLS",
    why="Without TLS, queries, results and passwords can be read and changed on their way.",
    fix="Set `ssl_mode` to `ENCRYPTED_ONLY` or `TRUSTED_CLIENT_CERTIFICATE_REQUIRED` in `ip_configuration`.",
    references=("https://cloud.google.com/sql/docs/postgres/configure-ssl-instance",),
)
def tls_needed(instance: Instance) -> Flaws:
    configuration = instance.settings.ip_configuration
    mode = configuration.ssl_mode
    if mode.equals("ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"):
        return
    if mode.known and not mode.value:
        if not configuration.require_tls.is_true:
            yield flaw("The database accepts connections without TLS.", configuration.require_tls)
    else:
        yield flaw("The database accepts connections without TLS.", mode)


@check(
    "GCP-0016",
    INSTANCES,
    severity="MEDIUM",
    code="pg-log-connections",
    title="PostgreSQL should log connections",
    why="The log of connections shows guessed passwords and where an intruder came from.",
    fix="Set the database flag `log_connections` to on.",
    references=_POSTGRES,
)
def connections_logged(instance: Instance) -> Flaws:
    if instance.runs("POSTGRES") and instance.settings.flags.log_connections.is_false:
        yield flaw("The database does not log connections.", instance.settings.flags.log_connections)


@check(
    "GCP-0017",
    INSTANCES,
    severity="HIGH",
    code="no-public-access",
    title="Cloud SQL instances should be private",
    why="A database with a public address is found by scanners, and then only its passwords stand between them and "
    "the data.",
    fix="Set `ipv4_enabled` to false and `private_network` to a VPC network; take public addresses out of "
    "authorized_networks.",
    references=("https://cloud.google.com/sql/docs/postgres/private-ip",),
)
def private(instance: Instance) -> Flaws:
    configuration = instance.settings.ip_configuration
    if configuration.enable_ipv4.is_true:
        yield flaw("The database has a public address.", configuration.enable_ipv4)
    for network in configuration.authorized_networks:
        if network.cidr.certain() and is_public(network.cidr.value):
            yield flaw(f"The database lets in the public network {network.cidr.value}.", network.cidr)


@check(
    "GCP-0018",
    INSTANCES,
    severity="LOW",
    code="pg-log-errors",
    title="PostgreSQL should log errors",
    why="At these levels the log leaves out errors, and with them the first signs of attacks and of trouble.",
    fix="Set the database flag `log_min_messages` to error or a lower level, such as warning.",
    references=_POSTGRES,
)
def errors_logged(instance: Instance) -> Flaws:
    level = instance.settings.flags.log_min_messages
    if instance.runs("POSTGRES") and level.same("fatal", "panic", "log"):
        yield flaw(f"The database logs no errors below the level {level.value}.", level)


@check(
    "GCP-0019",
    INSTANCES,
    severity="MEDIUM",
    code="no-cross-db-ownership-chaining",
    title="SQL Server should not chain ownership across databases",
    why="With ownership chaining, who owns objects in one database gets at another one without rights there.",
    fix='Set the database flag "cross db ownership chaining" to off.',
    references=(_SQL_SERVER,),
)
def no_chaining(instance: Instance) -> Flaws:
    if instance.runs("SQLSERVER") and instance.settings.flags.cross_db_ownership_chaining.is_true:
        yield flaw(
            "Ownership chaining across databases is not turned off.",
            instance.settings.flags.cross_db_ownership_chaining,
        )


@check(
    "GCP-0020",
    INSTANCES,
    severity="MEDIUM",
    code="pg-log-lock-waits",
    title="PostgreSQL should log long waits for locks",
    why="Long waits show sessions that block others, by mistake or to bring the database to a halt.",
    fix="Set the database flag `log_lock_waits` to on.",
    references=_POSTGRES,
)
def lock_waits_logged(instance: Instance) -> Flaws:
    if instance.runs("POSTGRES") and instance.settings.flags.log_lock_waits.is_false:
        yield flaw("The database does not log waits for locks.", instance.settings.flags.log_lock_waits)


@check(
    "GCP-0021",
    INSTANCES,
    severity="LOW",
    code="pg-no-min-statement-logging",
    title="PostgreSQL should not log statements by their duration",
    why="Logged statements hold the values they were run with: personal data and passwords end in the log.",
    fix="Remove the database flag `log_min_duration_statement`, or set it to -1.",
    references=_POSTGRES,
)
def statements_not_logged(instance: Instance) -> Flaws:
    duration = instance.settings.flags.log_min_duration_statement
    if instance.runs("POSTGRES") and duration.differs(-1):
        yield flaw(f"The database logs statements that take {duration.value} ms or more.", duration)


@check(
    "GCP-0022",
    INSTANCES,
    severity="MEDIUM",
    code="pg-log-disconnections",
    title="PostgreSQL should log the ends of sessions",
    why="Only with the end of a session can one tell how long an intruder was there.",
    fix="Set the database flag `log_disconnections` to on.",
    references=_POSTGRES,
)
def disconnections_logged(instance: Instance) -> Flaws:
    if instance.runs("POSTGRES") and instance.settings.flags.log_disconnections.is_false:
        yield flaw("The database does not log the ends of sessions.", instance.settings.flags.log_disconnections)


@check(
    "GCP-0023",
    INSTANCES,
    severity="MEDIUM",
    code="no-contained-db-auth",
    title="SQL Server should not let databases authenticate by themselves",
    why="Users of a contained database log in past the server's own logins and rules, and its owner can make more.",
    fix='Set the database flag "contained database authentication" to off.',
    references=(_SQL_SERVER,),
)
def no_contained_authentication(instance: Instance) -> Flaws:
    if instance.runs("SQLSERVER") and instance.settings.flags.contained_database_authentication.is_true:
        yield flaw(
            "Authentication by contained databases is not turned off.",
            instance.settings.flags.contained_database_authentication,
        )


@check(
    "GCP-0024",
    INSTANCES,
    severity="MEDIUM",
    code="enable-backup",
    title="Cloud SQL instances should be backed up",
    why="Without backups, data that is deleted, encrypted or spoiled is gone.",
    fix="Set `enabled` to true in the `backup_configuration` block.",
    references=("https://cloud.google.com/sql/docs/postgres/backup-recovery/backups",),
)
def backed_up(instance: Instance) -> Flaws:
    if instance.settings.backups.enabled.is_false and instance.is_replica.is_false:
        yield flaw("The database is not backed up.", instance.settings.backups.enabled)


@check(
    "GCP-0025",
    INSTANCES,
    severity="MEDIUM",
    code="pg-log-checkpoints",
    title="PostgreSQL should log checkpoints",
    why="The log of checkpoints shows when the database cannot keep up with writing, before it stands still.",
    fix="Set the database flag `log_checkpoints` to on.",
    references=_POSTGRES,
)
def checkpoints_logged(instance: Instance) -> Flaws:
    if instance.runs("POSTGRES") and instance.settings.flags.log_checkpoints.is_false:
        yield flaw("The database does not log checkpoints.", instance.settings.flags.log_checkpoints)


@check(
    "GCP-0026",
    INSTANCES,
    severity="HIGH",
    code="mysql-no-local-infile",
    title="MySQL should not load files of its clients",
    why="With `local_infile` the server may ask a client for any file that it can read, and attackers use it to copy "
    "files of applications into tables.",
    fix="Remove the database flag `local_infile`, or set it to off.",
    references=(
        "https://cloud.google.com/sql/docs/mysql/flags",
        "https://dev.mysql.com/doc/refman/8.0/en/load-data-local-security.html",
    ),
)
def no_local_files(instance: Instance) -> Flaws:
    if instance.runs("MYSQL") and instance.settings.flags.local_in_file.is_true:
        yield flaw("The database may load files of its clients.", instance.settings.flags.local_in_file)
