"""apk's database of installed packages: one field per line, `X:value`, packages separated by empty lines."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from msgspec.structs import replace

from vigie import spdx
from vigie.model.inventory import Fact
from vigie.model.package import Package, SourcePackage
from vigie.scanner.analyzer import File, Group, analyzer
from vigie.versions.apk import ORDERING
from vigie.versions.ordering import InvalidVersion

CONSTRAINT = re.compile(r"[<>=~]")
SPACED_VERSION = re.compile(
    r"([a-uw-z)])(?:\s+licen[cs]e)?\s*[,(-]?\s+(?:v|ver|version)?\.?\s*(\d(?:\.\d)*)\)?(?![\w.])", re.IGNORECASE
)
"""A version that blanks separate from its licence (`Apache License, version 2.0`)."""


@analyzer("apk", "lib/apk/db/installed", "usr/lib/apk/db/installed", group=Group.SYSTEM, type="apk", version=1)
def apk(file: File) -> Iterator[Fact]:
    """The packages that apk installed.

    Source: apk-tools' installed database, format v2 (https://wiki.alpinelinux.org/wiki/Apk_spec).
    """
    packages: dict[str, Package] = {}
    providers: dict[str, str] = {}
    wanted: dict[str, list[str]] = {}
    for number, fields in paragraphs(file.text()):
        name, version = fields.get("P", ""), fields.get("V", "")
        if not name or name in packages:
            continue
        try:
            if not version:
                raise InvalidVersion("no version")
            ORDERING.key(version)
        except InvalidVersion as error:
            yield file.problem(f"{name} was left out: {error}", number)
            continue
        package = _package(name, version, fields)
        packages[name] = package
        wanted[name] = [_bare(word) for word in fields.get("D", "").split() if not word.startswith("!")]
        providers[name] = package.id
        providers |= {_bare(word): package.id for word in fields.get("p", "").split()}
    for name, package in packages.items():
        needs = {providers[word] for word in wanted[name] if word in providers}
        yield replace(package, depends_on=tuple(sorted(needs))) if needs else package


def paragraphs(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The packages: (line of the first field, fields by letter). Files are joined from `F` and `R` under the key
    `files`, one path a line."""
    fields: dict[str, str] = {}
    files: list[str] = []
    folder, start = "", 1
    for number, line in enumerate((text + "\n\n").split("\n"), 1):
        if len(line) < 2:
            if fields:
                fields["files"] = "\n".join(files)
                yield start, fields
            fields, files, folder = {}, [], ""
            continue
        if not fields:
            start = number
        letter, value = line[0], line[2:]
        if letter == "R":
            files.append(f"{folder}/{value}" if folder else value)
        elif letter == "F":
            folder = value
        fields[letter] = value


def licenses(text: str) -> tuple[str, ...]:
    """The licences of an `L` field: words, of which `AND` and `OR` say nothing and `WITH` binds two."""
    names: list[str] = []
    words = iter(SPACED_VERSION.sub(r"\1-\2", text).split())
    for written in words:
        word = written.strip("()")
        if word == "WITH":
            if names and (exception := next(words, "").strip("()")):
                names[-1] += f" WITH {exception}"
        elif word not in ("AND", "OR"):
            names.append(word)
    return spdx.unique(names)


def source_else_binary(package: Package) -> str:
    """Advisories of apk distributions are keyed by the origin; a package without one is its own."""
    return package.source.name if package.source else package.name


def _package(name: str, version: str, fields: dict[str, str]) -> Package:
    origin = fields.get("o", "")
    return Package(
        id=f"{name}@{version}",
        name=name,
        version=version,
        arch=fields.get("A", ""),
        source=SourcePackage(origin, version) if origin else None,
        licenses=licenses(fields.get("L", "")),
        maintainer=fields.get("m", ""),
        digest=_digest(fields.get("C", "")),
        installed_files=tuple(fields["files"].split("\n")) if fields["files"] else (),
    )


def _bare(word: str) -> str:
    """A dependency's name without its constraint."""
    return CONSTRAINT.split(word, maxsplit=1)[0]


def _digest(text: str) -> str:
    """`Q1` begins a SHA-1 in base64, anything else is MD5 in base64; "" for what cannot be decoded."""
    sha1 = text.startswith("Q1")
    try:
        raw = base64.b64decode(text[2:] if sha1 else text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return f"{'sha1' if sha1 else 'md5'}:{raw.hex()}" if raw else ""
