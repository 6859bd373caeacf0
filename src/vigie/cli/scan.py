"""What all scan commands share: options, the scan, its outputs, and the exit status."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from vigie import log
from vigie.cli.options import Command, Parsed, help_text, one_target, parse
from vigie.cli.output import check_outputs, write_outputs
from vigie.cli.progress import progress_for
from vigie.errors import UsageError
from vigie.model.report import Report
from vigie.settings.groups import Options, RegistryOptions, ReportOptions
from vigie.settings.resolve import SCAN_GROUPS, Setting, declared, default_document, resolve

EXIT_FAILED = 3
DEFAULT_CONFIG = "vigie-default.yaml"


class ScanCommand(NamedTuple):
    """A scan command. kind: as `vigie.scan` takes it; target: what it needs, for errors; defaults: by flag name."""

    command: Command
    kind: str
    target: str
    defaults: Mapping[str, Any] = {}


_JUDGED = ("report", "vulnerabilities", "misconfig", "secret", "scan", "packages")
_AROUND = ("registry", "database", "cache", "general")
GROUPS_IMAGE = (*_JUDGED, "image", *_AROUND)
GROUPS_FOLDER = (*_JUDGED, *_AROUND)
GROUPS_REPOSITORY = (*_JUDGED, "repository", "history", *_AROUND)
assert set(SCAN_GROUPS) <= set(GROUPS_IMAGE)


def run(scan_command: ScanCommand, arguments: list[str]) -> int:
    """Runs a scan command line and returns the exit status."""
    command = scan_command.command
    settings = declared(command.groups)
    parsed = parse(arguments, settings, command)
    if parsed.special == "help":
        sys.stdout.write(help_text(command, settings))
        return 0
    if parsed.special == "version":
        from vigie.cli import version

        return version.run([])
    options, warnings = resolve(settings, parsed.given, os.environ, defaults=scan_command.defaults)
    log.setup(debug=options.general.debug, quiet=options.general.quiet)
    log.warn([*parsed.warnings, *warnings])
    if options.report.default_config:
        return write_default_config(settings)
    if options.database.download_only or options.database.download_java_only:
        from vigie.cli import db

        return db.download(options, java=options.database.download_java_only)
    target = _target(scan_command, parsed, options)
    options = msgspec.structs.replace(options, registry=with_password(options.registry))
    check_outputs(options.report)
    _load_early(options)
    gc.set_threshold(50_000, 20, 100)  # findings and reports are many small objects without cycles
    with progress_for(options) as progress:
        from vigie.compose import scan

        kind = "stdin" if target == "-" and command.name == "secret" else scan_command.kind
        report = scan(target, kind, options, progress)
    write_outputs(report, options)
    return exit_status(report, options.report)


def _target(scan_command: ScanCommand, parsed: Parsed, options: Options) -> str:
    command = scan_command.command
    if options.image.input:
        if parsed.targets:
            raise UsageError("give an image's name or --input, not both")
        return ""
    return one_target(parsed, command, scan_command.target)


def with_password(registry: RegistryOptions) -> RegistryOptions:
    """The options with the password read from standard input, if that was asked for. Raises UsageError."""
    if not registry.password_stdin:
        if len(registry.usernames) != len(registry.passwords):
            raise UsageError("--username and --password go in pairs", "or give one user and --password-stdin")
        return registry
    if registry.passwords:
        raise UsageError("give --password or --password-stdin, not both")
    if len(registry.usernames) != 1:
        raise UsageError("--password-stdin needs one --username")
    password = sys.stdin.readline(65536).rstrip("\r\n")
    if not password:
        raise UsageError("no password came on standard input")
    return msgspec.structs.replace(registry, passwords=(password,), password_stdin=False)


def _load_early(options: Options) -> None:
    """Reads the ignore file once before the work, so that a mistake in it shows at once."""
    from vigie.scanner import ignore

    ignore.load(options.report.ignore_file)


def write_default_config(settings: list[Setting]) -> int:
    """Writes a settings file with all keys and their defaults. Raises UsageError when there is one already."""
    import yaml

    try:
        with open(DEFAULT_CONFIG, "x", encoding="utf-8") as file:  # noqa: PTH123
            yaml.safe_dump(default_document(settings), file, sort_keys=False)
    except FileExistsError:
        raise UsageError(f"{DEFAULT_CONFIG} exists already", "move it away first") from None
    sys.stdout.write(f"wrote {DEFAULT_CONFIG}\n")
    return 0


def exit_status(report: Report, options: ReportOptions) -> int:
    """The exit status of a finished scan.

    What was asked for comes first, as with the peer: --exit-on-eol, then --exit-code. So a pipeline that waits for
    its own number gets it even when a part was missing too; without such a number a missing part is 3, and so is any
    problem with --strict, old knowledge apart. Tentative findings alone fail nothing.
    """
    if options.exit_on_eol and report.end_of_life:
        return options.exit_on_eol
    if options.exit_code and any(not finding.tentative for finding in report.findings):
        return options.exit_code
    if any(problem.fatal or (options.strict and not problem.caution) for problem in report.problems):
        return EXIT_FAILED
    return 0
