"""requirements.txt: the lines that pin one version. Source: pip's documentation of the requirements file format."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from vigie.ecosystems.pypi.names import pypi_purl
from vigie.model.package import Location, Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer
from vigie.versions import pep440
from vigie.versions.ordering import InvalidVersion

BEHIND = re.compile(r"#|;|--")
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^=,<>!~*][^,<>!~*]*)(?:,.*)?")
LONGEST_LINE = 64 << 10
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@analyzer("pip", "**/requirements.txt", group=Group.LOCKFILE, type="pip")
def pip(file: File) -> Iterator[Package]:
    """Ranges, addresses, options and included files name no version and are left out."""
    for number, line in enumerate(_text(file.bytes()).split("\n"), 1):
        if "==" not in line:
            continue
        if len(line) > LONGEST_LINE:
            raise ParseError("holds a line that is too long for a requirement", number)
        tight = BEHIND.split("".join(line.split()).replace("\\", ""), maxsplit=1)[0]
        name, _, extras = tight.partition("[")
        found = PIN.fullmatch(name + extras.partition("]")[2])
        if found and _is_version(found[2]):
            yield Package(
                name=found[1],
                version=found[2],
                purl=pypi_purl(found[1], found[2]),
                locations=(Location(number, number),),
            )


def _text(data: bytes) -> str:
    """The content in the encoding that its byte-order mark names, UTF-8 without one."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    return data.decode("utf-8", errors="replace")


def _is_version(text: str) -> bool:
    try:
        pep440.ORDERING.key(text)
    except InvalidVersion:
        return False
    return True
