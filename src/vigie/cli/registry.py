"""`vigie registry login|logout`: credentials in Docker's configuration file, or in the helper it names."""

from __future__ import annotations

import base64
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from vigie import log
from vigie.cli.options import Command, help_text, one_target, parse
from vigie.cli.scan import with_password
from vigie.errors import UsageError, VigieError
from vigie.oci.credentials import HUB_KEY, config_path, helper, read_config
from vigie.settings.resolve import declared, resolve

COMMAND = Command(
    "registry",
    "Log in to a container registry, or out.",
    ("vigie registry login --username NAME --password-stdin REGISTRY", "vigie registry logout REGISTRY"),
    ("registry", "general"),
)
HUB_NAMES = ("docker.io", "index.docker.io", "registry-1.docker.io")


def run(arguments: list[str]) -> int:
    """Stores or forgets the credentials of one registry."""
    settings = declared(COMMAND.groups)
    parsed = parse(arguments, settings, COMMAND)
    action, *rest = parsed.targets or [""]
    if parsed.special or not action:
        sys.stdout.write(help_text(COMMAND, settings))
        return 0
    if action not in ("login", "logout"):
        raise UsageError(f"vigie registry does not know {action!r}", "use login or logout")
    options, _ = resolve(settings, parsed.given, os.environ)
    log.setup(debug=options.general.debug, quiet=options.general.quiet)
    host = registry_key(one_target(parsed._replace(targets=rest), COMMAND, "the name of a registry"))
    if action == "logout":
        forget(host)
        sys.stdout.write(f"logged out of {host}\n")
        return 0
    registry = with_password(options.registry)
    if len(registry.usernames) != 1:
        raise UsageError("vigie registry login needs one --username", "and --password-stdin or --password")
    store(host, registry.usernames[0], registry.passwords[0])
    sys.stdout.write(f"credentials for {host} are stored\n")
    return 0


def registry_key(name: str) -> str:
    """What Docker's configuration calls a registry: its host and port. Raises UsageError for anything else."""
    host = name.removeprefix("https://").removeprefix("http://").rstrip("/")
    if not host or "/" in host or "@" in host or any(c.isspace() for c in host):
        raise UsageError(f"{name!r} is no registry", "give a host such as ghcr.io or localhost:5000")
    return HUB_KEY if host in HUB_NAMES else host


def store(host: str, user: str, password: str) -> None:
    """Keeps credentials in the configured helper, else in the file, readable by its owner alone."""
    path, document = config_path(), read_config()
    program = helper_of(document, host)
    if program:
        request = json.dumps({"ServerURL": host, "Username": user, "Secret": password})
        if helper(program, "store", request) is None:
            raise VigieError(f"docker-credential-{program} did not store the credentials", f"{path} names it")
        return
    entries = document.setdefault("auths", {})
    if not isinstance(entries, dict):
        raise VigieError(f"{path}: auths is no mapping")
    entries[host] = {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}
    write(path, document)
    import logging

    logging.getLogger(__name__).warning("the password is stored unencrypted in %s", path)


def forget(host: str) -> None:
    """Removes a registry's credentials from the helper and from the file."""
    path, document = config_path(), read_config()
    program = helper_of(document, host)
    if program:
        helper(program, "erase", host)
    entries = document.get("auths")
    if isinstance(entries, dict) and entries.pop(host, None) is not None:
        write(path, document)


def helper_of(document: dict[str, Any], host: str) -> str:
    """The credential helper for a registry; "" for none."""
    helpers = document.get("credHelpers")
    name = helpers.get(host) if isinstance(helpers, dict) else None
    name = name or document.get("credsStore")
    return name if isinstance(name, str) else ""


def write(path: Path, document: dict[str, Any]) -> None:
    """Replaces the configuration file whole, with mode 0600; other keys in it are kept."""
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, temporary = tempfile.mkstemp(prefix=".config.", dir=target.parent)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(document, file, indent="\t")
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise VigieError(f"{path} could not be written: {(error.strerror or '').lower()}") from error
