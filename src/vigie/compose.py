"""A whole scan: open the target, read it, ask the knowledge, filter, report. The one function behind commands and
library."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, closing, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vigie import __version__, plugs
from vigie.errors import UsageError
from vigie.model.artifact import ArtifactFacts
from vigie.model.inventory import Configuration, Inventory, OperatingSystem, PartFacts, Problem
from vigie.model.package import Package
from vigie.model.report import Judged, Report
from vigie.scanner.analyzer import Analyzer
from vigie.scanner.cache import Cache, MemoryCache
from vigie.scanner.distro import Distro
from vigie.scanner.identify import identify, unsettled
from vigie.scanner.merge import without_owned
from vigie.scanner.part import Artifact, Progress, Silent
from vigie.scanner.pipeline import Reading, choose, file_patterns, read
from vigie.settings.groups import Options, ScanOptions

if TYPE_CHECKING:
    from vigie.secrets.scan import SecretScan

replace = msgspec.structs.replace

KINDS = ("image", "fs", "rootfs", "repo", "config", "stdin")


def scan(
    target: str = "", kind: str = "image", options: Options | None = None, progress: Progress | None = None
) -> Report:
    """Scans `target` and returns what was found.

    kind: `image` (a reference; or `options.image.input` names an archive or layout), `fs`, `rootfs` (a folder or file),
    `repo` (a folder or git URL), `config` (as `fs`, configuration alone), `stdin` (standard input, secrets alone).
    Raises UsageError, TargetError or KnowledgeError; what is wrong with single files or ecosystems stands in
    `Report.problems`.
    """
    options = options or Options()
    progress = progress or Silent()
    if kind not in KINDS:
        raise UsageError(f"there is no kind of target {kind!r}", f"it is one of {', '.join(KINDS)}")
    if kind == "config" and "misconfig" not in options.scan.scanners:
        options = replace(options, scan=replace(options.scan, scanners=("misconfig",)))
    if kind == "stdin":
        options = replace(options, scan=replace(options.scan, scanners=("secret",)))
    started = time.monotonic()
    today = datetime.now(UTC).date()
    with ExitStack() as stack:
        secrets = _secrets(kind, target, options)
        artifact = _open(kind, target, options, progress)
        stack.enter_context(artifact.closing)
        searched = secrets.opened(artifact.facts) if secrets and "secret" in options.scan.scanners else None
        reading = Reading(
            (*_analyzers(artifact, options), *(searched.analyzers if searched else ())),
            _from_here(options.scan, target) if kind not in ("image", "stdin") else options.scan,
            started + options.general.timeout if options.general.timeout else 0.0,
            searched.search if searched else None,
            searched.may_keep if searched else None,
        )
        inventory, parts = read(artifact, reading, _cache(kind, options), progress)
        if secrets and kind == "stdin":
            inventory = secrets.standard_input(reading.deadline)
        facts = _completed(artifact, parts)
        judged = _configuration(artifact, inventory, options, reading.deadline)
        found = secrets.detect(facts, inventory) if secrets else Judged((), ())
    if options.scan.detection_priority == "precise":
        inventory = without_owned(inventory)
    inventory = _archives_named(inventory, options, progress)
    inventory = _on_system(inventory, options.scan.distro)
    report = _judge(facts, inventory, options, progress, today)
    report = replace(
        report,
        results=(*report.results, *judged.results, *found.results),
        problems=(*report.problems, *judged.problems, *found.problems),
        scanners=options.scan.scanners,
    )
    if report.results:
        from vigie.scanner.filter import apply_filters

        report = apply_filters(report, options, today)
    return secrets.masked(secrets.verified(report, reading.deadline)) if secrets else report


def _analyzers(artifact: Artifact, options: Options) -> tuple[Analyzer, ...]:
    """What reads files for the scanners that were asked for."""
    found: list[Analyzer] = []
    if "vuln" in options.scan.scanners:
        found += choose(plugs.analyzers(), artifact.groups, options.packages.types)
    if "misconfig" in options.scan.scanners:
        from vigie.misconfig.analyzer import reads

        patterns = file_patterns(options.scan.file_patterns)
        chosen = (one for one in plugs.languages().values() if one.name in options.misconfig.languages)
        found += (reads(one, patterns.get(one.name, ())) for one in chosen)
    return tuple(found)


def _secrets(kind: str, target: str, options: Options) -> SecretScan | None:
    """What looks for secrets, if anything does. Raises RuleError and UsageError for rules of the user's."""
    if "secret" not in options.scan.scanners and not (kind == "image" and "secret" in options.image.config_scanners):
        return None
    from vigie.secrets.scan import SecretScan

    if options.secret.verify and options.scan.offline:
        raise UsageError("--verify asks providers, and --offline-scan asks nobody", "give one of them")
    return SecretScan(kind, target, options)


def _configuration(artifact: Artifact, inventory: Inventory, options: Options, deadline: float) -> Judged:
    """What checks say of the configuration that was read."""
    history = _history(artifact.facts, options)
    if not inventory.configurations and not history:
        return Judged((), ())
    from vigie.misconfig.detector import detect

    tree = artifact.parts[0].tree() if artifact.parts else None  # a layer has none
    misconfig = replace(
        options.misconfig,
        offline=options.scan.offline,
        insecure=options.general.insecure,
        cacert=options.general.cacert,
        cache=str(cache_folder(options)),
    )
    return detect((*inventory.configurations, *history), tree, plugs.languages().values(), misconfig, deadline)


def _history(facts: ArtifactFacts, options: Options) -> tuple[Configuration, ...]:
    """The history of an image as a Dockerfile, if it is to be judged. It is named as the image."""
    if facts.image is None or "misconfig" not in options.image.config_scanners:
        return ()
    from vigie.misconfig.languages.dockerfile.history import dockerfile_of

    return (Configuration("image-history", facts.name, dockerfile_of(facts.image.config)),)


def _from_here(options: ScanOptions, target: str) -> ScanOptions:
    """The options with what they leave out also written from the target, where it stands as paths from here."""
    if not (options.skip_dirs or options.skip_files) or not Path(target).exists():
        return options
    from vigie.artifacts.filesystem import below

    folders, files = below(options.skip_dirs, target), below(options.skip_files, target)
    if "**" in folders:  # the target itself
        files = ("**",)
    return replace(options, skip_dirs=(*options.skip_dirs, *folders), skip_files=(*options.skip_files, *files))


def _open(kind: str, target: str, options: Options, progress: Progress) -> Artifact:
    if kind == "image":
        from vigie.artifacts.image import open_archive, open_image

        if options.image.input:
            return open_archive(options.image.input, options.image)
        if not target:
            raise UsageError("no image was named", "give a reference, or an archive with --input")
        return open_image(target, options.image, options.registry, options.general, progress)
    if kind == "stdin":
        stream = ArtifactFacts(kind="filesystem", name="stdin")
        return Artifact(facts=stream, parts=(), groups=frozenset(), closing=nullcontext())
    if not target:
        raise UsageError("no target was named", "give a path, for example .")
    asked = options.history
    if (asked.history or asked.staged or asked.since) and "secret" not in options.scan.scanners:
        raise UsageError("commits are read for secrets, which are not looked for", "add --scanners secret")
    if asked.since and not asked.history:
        raise UsageError("--since is about commits, which are not read", "add --history")
    if asked.staged:
        if asked.history:
            raise UsageError("--staged and --history cannot be given together", "choose one of them")
        from vigie.artifacts.staged import open_staged

        return open_staged(target)
    if kind == "repo" or asked.history:
        from vigie.artifacts.repository import open_repository

        return open_repository(target, options.repository, options.general, progress, asked)
    from vigie.artifacts.filesystem import open_folder

    return open_folder(target, "fs" if kind == "config" else kind)


def cache_folder(options: Options) -> Path:
    """Where databases and scan results are kept: `--cache-dir`, else `vigie` in the user's cache folder."""
    if options.general.cache_dir:
        return Path(options.general.cache_dir)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vigie"


def _cache(kind: str, options: Options) -> Cache:
    """Images are cached in a file unless told otherwise; folders change too often to be worth it. A cache knows no
    secrets, so that nobody could be asked about them."""
    if options.secret.verify:
        return MemoryCache()
    backend = options.cache.backend or ("fs" if kind in ("image", "repo") else "memory")
    if backend == "memory":
        return MemoryCache()
    from vigie.scanner.cache_file import FileCache

    return FileCache(cache_folder(options) / "scan" / "parts.db", options.cache.max_size)


def _completed(artifact: Artifact, parts: tuple[PartFacts, ...]) -> ArtifactFacts:
    """The artifact's facts with what reading taught: sizes and digests of layers."""
    facts = artifact.facts
    if facts.image is None:
        return facts
    layers = tuple(
        replace(reference.reference, size=part.size, diff_id=reference.reference.diff_id or part.diff_id)
        for reference, part in zip(artifact.parts, parts, strict=True)
    )
    return replace(facts, size=sum(layer.size for layer in layers), image=replace(facts.image, layers=layers))


def _archives_named(inventory: Inventory, options: Options, progress: Progress) -> Inventory:
    """The inventory with its Java archives named, by the Java database if the cache has it."""
    if not unsettled(inventory):
        return inventory
    from vigie.ecosystems.maven.ecosystem import maven, maven_purl
    from vigie.vulnerabilities.database import open_archive_index

    with ExitStack() as stack:
        index = open_archive_index(options, cache_folder(options), progress)
        if index is not None:
            stack.enter_context(closing(index))
        return identify(inventory, index, maven_purl, maven.ordering.key)


def _on_system(inventory: Inventory, override: str) -> Inventory:
    """The inventory with the system it is judged as (`--distro family/version`), and its packages' purls."""
    system = inventory.system
    if override:
        family, slash, name = override.partition("/")
        if not (family and slash and name):
            raise UsageError(f"--distro {override!r} is not of the form family/version", "for example debian/12")
        if system is not None:
            system = OperatingSystem(family, name)
            inventory = replace(inventory, repository=None)
    elif system is None and inventory.repository is not None:
        system = OperatingSystem(inventory.repository.family, inventory.repository.release)
    distro = plugs.distros([system.family]).get(system.family) if system else None
    packages = tuple(_identified(package, distro, system) for package in inventory.os_packages)
    return replace(inventory, system=system, os_packages=packages)


def _identified(package: Package, distro: Distro | None, system: OperatingSystem | None) -> Package:
    if package.purl or distro is None or system is None:
        return package
    return replace(package, purl=distro.purl(package, system.name))


def _judge(facts: ArtifactFacts, inventory: Inventory, options: Options, progress: Progress, today: date) -> Report:
    """Findings about packages, as a report. Where there is nothing to judge no database is opened."""
    now = datetime.now(UTC)
    report = Report(
        artifact=facts,
        results=(),
        problems=inventory.problems,
        created=rfc3339(now),
        id=uuid7(now),
        system=inventory.system,
        builds=inventory.builds,
        tool_version=__version__,
    )
    if inventory.system is None and not inventory.os_packages and not inventory.applications:
        return report
    from vigie.vulnerabilities.database import open_database, stale
    from vigie.vulnerabilities.detector import detect

    with closing(open_database(options, cache_folder(options), progress)) as database:
        judgement = detect(
            inventory,
            database,
            distros=plugs.distros([inventory.system.family] if inventory.system else []),
            ecosystems=plugs.ecosystems(found.type for found in inventory.applications),
            artifact_name=facts.name,
            today=today,
            options=options,
            end_of_life_fallback=database.end_of_life,
        )
        knowledge = database.describe(judgement.used)
    warnings = (Problem("the database", warning, caution=True) for warning in stale(knowledge, today))
    return replace(
        report,
        results=judgement.results,
        problems=(*inventory.problems, *judgement.problems, *warnings),
        end_of_life=judgement.end_of_life,
        end_of_life_date=judgement.end_of_life_date,
        knowledge=knowledge,
    )


def rfc3339(moment: datetime) -> str:
    """A moment as reports write it, with nanoseconds and `Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


def uuid7(moment: datetime) -> str:
    """A UUID that begins with the time (RFC 9562, version 7). Made by hand: the standard library's module loads
    slowly."""
    time, random = int(moment.timestamp() * 1000), os.urandom(10)
    value = time.to_bytes(6) + bytes((0x70 | random[0] & 0x0F, random[1], 0x80 | random[2] & 0x3F)) + random[3:]
    text = value.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
