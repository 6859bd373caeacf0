"""`vigie version`: the version, and how old the databases are. Imports nothing that it does not print."""

from __future__ import annotations

import os
import sys
from typing import Any

from vigie import __version__
from vigie.settings.files import cache_folder

HELP = """Print the version and the age of the databases.

Usage: vigie version [-f json] [--cache-dir DIR]
"""
DATABASES = (("VulnerabilityDB", "db", "Vulnerability DB"), ("JavaDB", "java-db", "Java DB"))
"""Key in JSON, folder below the cache folder, name in text."""
KEYS = ("Version", "NextUpdate", "UpdatedAt", "DownloadedAt")


def run(arguments: list[str]) -> int:
    """Prints `Version: …`, or JSON with `-f json`."""
    options = read_options(arguments)
    if options is None:
        sys.stdout.write(HELP)
        return 0
    folder = cache_folder(options["--cache-dir"], os.environ)
    found = {key: metadata for key, name, _ in DATABASES if (metadata := read_metadata(folder, name))}
    if options["--format"] == "json":
        import json

        sys.stdout.write(json.dumps({"Version": __version__, **found}, separators=(",", ":")) + "\n")
        return 0
    sys.stdout.write(f"Version: {__version__}\n")
    for key, _, title in DATABASES:
        if key in found:
            sys.stdout.write(f"{title}:\n" + "".join(f"  {k}: {v}\n" for k, v in found[key].items()))
    return 0


def read_options(arguments: list[str]) -> dict[str, str] | None:
    """The few options, by hand: the declared ones would cost more than the command. None when help is wanted."""
    options = {"--format": "table", "--cache-dir": "", "--config": "", "--timeout": "", "--cacert": ""}
    spellings = {"-f": "--format", "-c": "--config"}
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        name = spellings.get(name, name)
        if name in ("--help", "-h"):
            return None
        if name in options:
            options[name] = value if equals else next(rest, "")
        elif name not in ("--debug", "-d", "--quiet", "-q", "--insecure", "--version", "-v"):
            from vigie.errors import UsageError

            raise UsageError(f"vigie version does not understand {argument}", "see vigie version --help")
    if options["--format"] not in ("table", "json"):
        from vigie.errors import UsageError

        raise UsageError(f'--format "{options["--format"]}": must be table or json')
    return options


def read_metadata(folder: str, name: str) -> dict[str, Any]:
    """What a downloaded database's metadata file says; empty when there is no readable one."""
    path = os.path.join(folder, name, "metadata.json")  # noqa: PTH118 - pathlib would double the start-up time
    if not os.path.isfile(path):  # noqa: PTH113
        return {}
    import json

    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            document = json.loads(file.read(65536))
    except (OSError, ValueError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {key: document[key] for key in KEYS if isinstance(document.get(key), (str, int))}
