"""The header of a Python distribution's METADATA or PKG-INFO. Source: the core metadata specification of PyPA."""

from __future__ import annotations

import re
from collections.abc import Callable

from vigie import spdx
from vigie.ecosystems.license_text import license_of
from vigie.ecosystems.pypi.names import pypi_purl
from vigie.model.package import Package
from vigie.scanner.analyzer import ParseError

BLANK_LINE = re.compile(rb"\r?\n\r?\n")
FIELD = re.compile(
    rb"^(name|version|license|license-expression|license-file|classifier)[ \t]*:[ \t]*(.*(?:\n[ \t].*)*)",
    re.IGNORECASE | re.MULTILINE,
)
MOST_LICENSE_FILES = 8
LONGEST_HEADER = 4 << 20
CLASSIFIER = "License :: "
ABSENT = frozenset({"", "UNKNOWN"})
"""What setuptools wrote for a field that the author left out."""


def read_metadata(data: bytes, path: str, beside: Callable[[str], bytes | None] = lambda name: None) -> Package:
    """The installed distribution. beside: the bytes of a file relative to the metadata, None when it is not there.
    Raises ParseError when its name or version is missing."""
    fields: dict[str, list[str]] = {}
    header = BLANK_LINE.split(data[:LONGEST_HEADER], maxsplit=1)[0]
    for field in FIELD.finditer(header):
        text = " ".join(line.strip() for line in field[2].decode("utf-8", errors="replace").splitlines())
        fields.setdefault(field[1].decode("ascii").lower(), []).append(text.strip())
    name, version = (fields.get(key, [""])[0] for key in ("name", "version"))
    if not name or not version:
        raise ParseError(f"states no {'version' if name else 'name'} of a Python package", 1)
    return Package(
        name=name, version=version, purl=pypi_purl(name, version), licenses=_licenses(fields, beside), path=path
    )


def _licenses(fields: dict[str, list[str]], beside: Callable[[str], bytes | None]) -> tuple[str, ...]:
    """The expression; else the classifiers; else the free text of `License`, which may be a whole licence; else the
    licence in the first licence file that is there. Newer wheels keep these files in `licenses/`."""
    if expression := fields.get("license-expression", [""])[0]:
        return spdx.unique((expression,))
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in fields.get("classifier", ())
        if text.startswith(CLASSIFIER) and not text.endswith("OSI Approved")
    ]
    if classifiers:
        return spdx.licenses(", ".join(classifiers))
    stated = fields.get("license", [""])[0]
    if stated not in ABSENT:
        return spdx.licenses(stated)
    for name in fields.get("license-file", ())[:MOST_LICENSE_FILES]:
        for place in (name, f"licenses/{name}"):
            if "\0" not in place and (text := beside(place)) is not None:
                return spdx.unique((license_of(text),))
    return ()
