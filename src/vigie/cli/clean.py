"""`vigie clean`: deletes what the cache folder holds, and nothing beside it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from vigie import log
from vigie.cli.options import Command, help_text, parse
from vigie.errors import UsageError, VigieError
from vigie.settings.groups import Options
from vigie.settings.resolve import declared, resolve

COMMAND = Command(
    "clean", "Delete cached databases and scan results.", ("vigie clean [options]",), ("clean", "general")
)

PARTS = {
    "scan_cache": ("scan", "fanal", "terraform-modules"),
    "vuln_db": ("db", "vigie-db"),
    "java_db": ("java-db",),
    "checks_bundle": ("policy",),
    "vex_repo": ("vex",),
}
"""Option → the folders below the cache folder that it deletes."""


def run(arguments: list[str]) -> int:
    """Deletes the chosen parts; at least one must be chosen."""
    settings = declared(COMMAND.groups)
    parsed = parse(arguments, settings, COMMAND)
    if parsed.special:
        sys.stdout.write(help_text(COMMAND, settings))
        return 0
    if parsed.targets:
        raise UsageError("vigie clean takes no target", "choose with --all, --scan-cache, --vuln-db or --java-db")
    options, _ = resolve(settings, parsed.given, os.environ)
    log.setup(debug=options.general.debug, quiet=options.general.quiet)
    chosen = [option for option in PARTS if options.clean.everything or getattr(options.clean, option)]
    if not chosen:
        raise UsageError("nothing was chosen to delete", "choose with --all, --scan-cache, --vuln-db or --java-db")
    return delete(options, chosen)


def delete(options: Options, chosen: Iterable[str]) -> int:
    """Deletes the folders of the chosen parts (keys of `PARTS`)."""
    folder = Path(options.general.cache_dir)
    for name in (name for option in chosen for name in PARTS[option]):
        if remove(folder / name) and not options.general.quiet:
            sys.stdout.write(f"deleted {folder / name}\n")
    return 0


def remove(path: Path) -> bool:
    """Deletes a folder with all in it; a symbolic link itself, never what it points at. Whether there was one."""
    try:
        if path.is_symlink():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            return False
    except OSError as error:
        raise VigieError(f"{error.filename or path} could not be deleted: {(error.strerror or '').lower()}") from error
    return True
