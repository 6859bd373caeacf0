"""What every process would load for itself is loaded before the work is shared among them: children are replaced often,
and what the parent has loaded costs them neither time nor memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress

from vigie.misconfig import catalog
from vigie.misconfig.files import ScannedFiles
from vigie.misconfig.language import Files, Language, Unit
from vigie.settings.groups import MisconfigOptions

TYPES = {
    "terraform": rb'^[ \t]*resource[ \t]+"?(\w+)',
    "cloudformation": rb"\b(AWS::\w+::\w+)",
}
"""How the types of resources are written, by format; what is overlooked is loaded later."""
OWNERS = {"kubernetes": "kubernetes", "helm": "kubernetes", "dockerfile": "dockerfile"}
"""The languages whose checks are not by resources."""


def load_ahead(
    units: Iterable[Unit], languages: Mapping[str, Language], files: Files, options: MisconfigOptions
) -> None:
    """Imports the languages of these units, and the services and checks of the types that their files name."""
    nothing = ScannedFiles((), None)
    for name in sorted({unit.language for unit in units}):
        with suppress(Exception):  # there is nothing to read; what was imported on the way counts
            languages[name].load(Unit(name, "nothing"), nothing, options)
        if name in OWNERS:
            catalog.checks(OWNERS[name])
        if name in TYPES:
            find = re.compile(TYPES[name], re.MULTILINE).findall
            types = {type_.decode() for path in files.paths(name) for type_ in find(files.read(path) or b"")}
            for service in catalog.services(name, types):
                catalog.service(service)
                catalog.checks(service)
