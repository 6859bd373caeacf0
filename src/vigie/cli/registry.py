"""`vigie registry login|logout`: credentials kept where Docker keeps them."""

from __future__ import annotations

import os
import sys

from vigie import log
from vigie.cli.options import Command, help_text, one_target, parse
from vigie.cli.scan import with_password
from vigie.errors import UsageError
from vigie.settings.resolve import declared, resolve

COMMAND = Command(
    "registry",
    "Log in to a container registry, or out.",
    ("vigie registry login --username NAME --password-stdin REGISTRY", "vigie registry logout REGISTRY"),
    ("registry", "general"),
)


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
    host = one_target(parsed._replace(targets=rest), COMMAND, "the name of a registry")
    from vigie.oci import login as credentials

    if action == "logout":
        known = credentials.logout(host)
        sys.stdout.write(f"logged out of {host}\n" if known else f"there were no credentials for {host}\n")
        return 0
    registry = with_password(options.registry)
    if len(registry.usernames) != 1:
        raise UsageError("vigie registry login needs one --username", "and --password-stdin or --password")
    general = options.general
    place = credentials.login(
        host, registry.usernames[0], registry.passwords[0], insecure=general.insecure, cacert=general.cacert
    )
    sys.stdout.write(f"logged in to {host}; the credentials are kept in {place}\n")
    return 0
