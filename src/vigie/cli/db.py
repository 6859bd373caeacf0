"""`vigie db`: fetches Trivy's databases, builds our own from advisory files, and says which one answers."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from vigie import log
from vigie.cli.options import Command, help_text, parse
from vigie.cli.progress import progress_for
from vigie.cli.scan import with_password
from vigie.errors import KnowledgeError, UsageError
from vigie.settings.groups import Options
from vigie.settings.resolve import declared, nearest, resolve

COMMAND = Command(
    "db",
    "Fetch, build or describe the vulnerability database.",
    (
        "vigie db update             fetch Trivy's database, if there is a newer one",
        "vigie db update java        the same for the Java database",
        "vigie db status             which databases there are, and which one answers",
        "vigie db list               what the one that answers knows, and from when",
        "vigie db build --from DIR   build our own from OSV records in a folder",
        "vigie db clean              delete what was fetched and built",
    ),
    ("database", "registry", "general"),
)


def run(arguments: list[str]) -> int:
    """Runs one of the actions."""
    settings = declared(COMMAND.groups)
    parsed = parse(_folder_as_target(arguments), settings, COMMAND)
    action, *rest = parsed.targets or [""]
    if parsed.special or not action:
        sys.stdout.write(help_text(COMMAND, settings))
        return 0
    actions: dict[str, Callable[[Options, list[str]], int]] = {
        "update": update,
        "status": status,
        "list": contents,
        "build": build,
        "clean": clean,
    }
    if action not in actions:
        raise UsageError(f"vigie db does not know {action!r}", nearest(action, actions) or "see vigie db --help")
    options, warnings = resolve(settings, parsed.given, os.environ)
    log.setup(debug=options.general.debug, quiet=options.general.quiet)
    log.warn([*parsed.warnings, *warnings])
    options = msgspec.structs.replace(options, registry=with_password(options.registry))
    return actions[action](options, rest)


def _folder_as_target(arguments: list[str]) -> list[str]:
    """`build --from DIR` is the long way to say `build DIR`."""
    if "build" not in arguments:
        return arguments
    return [word.removeprefix("--from=") for word in arguments if word != "--from"]


def update(options: Options, rest: list[str]) -> int:
    """Fetches Trivy's database, or with `java` the Java database."""
    if rest not in ([], ["java"]):
        raise UsageError("vigie db update takes nothing but java", "see vigie db --help")
    return download(options, java=bool(rest))


def download(options: Options, *, java: bool) -> int:
    """Makes sure that a fetched database is there and not out of date, and says where it is."""
    from vigie.vulnerabilities.database import update as fetching

    artifact = fetching.JAVA if java else fetching.VULNERABILITIES
    cache = Path(options.general.cache_dir)
    with progress_for(options) as progress:
        fetched = fetching.update(artifact, options, cache, progress)
    if not options.general.quiet:
        place = cache / artifact.folder / artifact.file
        sys.stdout.write(f"{artifact.name} is {'now' if fetched else 'already'} up to date: {place}\n")
    return 0


def status(options: Options, rest: list[str]) -> int:
    """Says which databases there are, how old they are, and which one would answer a scan."""
    if rest:
        raise UsageError("vigie db status takes no argument", "see vigie db --help")
    from vigie.vulnerabilities.database import built_database, open_database
    from vigie.vulnerabilities.database import update as fetching
    from vigie.vulnerabilities.database.native import NativeDatabase
    from vigie.vulnerabilities.database.snapshot import SNAPSHOT

    cache = Path(options.general.cache_dir)
    for known in fetching.status(cache):
        dates = f"of {known.updated[:10] or 'an unknown day'}, fetched {known.downloaded[:10] or 'by hand'}"
        sys.stdout.write(f"{known.name}: {dates}, {known.size / 1e6:.0f} MB, {known.path}\n")
    for name, path in (("built here", built_database(cache)), ("comes with vigie", SNAPSHOT)):
        if path.is_file():
            database = NativeDatabase(path)
            sys.stdout.write(f"vigie's own ({name}): of {database.built}, {path.stat().st_size / 1e6:.0f} MB, {path}\n")
            database.close()
    offline = msgspec.structs.replace(options.database, skip_update=True, skip_java_update=True)
    answering = open_database(msgspec.structs.replace(options, database=offline), cache)
    knowledge = answering.describe(())
    answering.close()
    sys.stdout.write(f"a scan asks: {knowledge.kind}, of {knowledge.date or 'an unknown day'}, {knowledge.location}\n")
    return 0


def contents(options: Options, rest: list[str]) -> int:
    """Lists the ecosystems and releases that the answering database knows, with their sources and days."""
    if rest:
        raise UsageError("vigie db list takes no argument", "see vigie db --help")
    from vigie.vulnerabilities.database import open_database

    offline = msgspec.structs.replace(options.database, skip_update=True, skip_java_update=True)
    database = open_database(msgspec.structs.replace(options, database=offline), Path(options.general.cache_dir))
    rows = database.contents()
    database.close()
    widths = [max((len(row[column]) for row in ((n, a.source) for n, a, _ in rows)), default=0) for column in (0, 1)]
    for name, age, count in rows:
        sys.stdout.write(f"{name:<{widths[0]}}  {age.source:<{widths[1]}}  {age.date or 'unknown':<10}  {count:>7}\n")
    return 0


def build(options: Options, rest: list[str]) -> int:
    """Builds our own database from a folder of OSV records, into the cache folder."""
    from vigie.vulnerabilities.database import built_database
    from vigie.vulnerabilities.database.build import build as build_database

    if len(rest) != 1:
        raise UsageError("vigie db build needs one folder of advisories", "see vigie db --help")
    folder, target = Path(rest[0]), built_database(Path(options.general.cache_dir))
    if folder.is_dir():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise KnowledgeError(f"{target.parent} could not be made: {(error.strerror or '').lower()}") from error
    built = build_database(folder, target)
    sys.stdout.write(
        f"built {target}: {built.packages} packages, {built.details} vulnerabilities, of {built.date}, "
        f"{built.size / 1e6:.0f} MB\n"
    )
    if built.unreadable:
        log.warn([f"{built.unreadable} records could not be read and are missing"])
    return 0


def clean(options: Options, rest: list[str]) -> int:
    """Deletes the fetched and built databases."""
    if rest:
        raise UsageError("vigie db clean takes no argument", "see vigie db --help")
    from vigie.cli.clean import delete

    return delete(options, ("vuln_db", "java_db"))
