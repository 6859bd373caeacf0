"""Debian's copyright files: the licences of a package, as its maintainers wrote them down."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie import spdx
from vigie.model.inventory import Fact, PackageLicenses
from vigie.scanner.analyzer import File, Group, analyzer

COMMON = b"/usr/share/common-licenses/"
REFERRED = re.compile(rb"[0-9A-Za-z_.+-]*[0-9A-Za-z+]")
PREFIX, SUFFIX = "The main library is licensed under ", " license"


@analyzer("dpkg-license", "usr/share/doc/*/copyright", group=Group.SYSTEM, version=1)
def dpkg_license(file: File) -> Iterator[Fact]:
    """The licences that a copyright file names; its folder is named after the package.

    Source: the machine-readable format (DEP-5), of which only `License:` lines are read, and Debian Policy 12.5 for
    older files, which refer to a text in `common-licenses`.
    """
    found: dict[str, None] = {}
    for statement in dict.fromkeys(statements(file.bytes())):
        found |= dict.fromkeys(spdx.licenses(statement))
    if found:
        yield PackageLicenses(file.folder.rpartition("/")[2], tuple(found))


def statements(content: bytes) -> Iterator[str]:
    """What `License:` lines say, and the names of the common licences that other lines refer to, in their order.

    Whole files are searched for the two words instead of being cut into lines: there are hundreds, some of a megabyte.
    """
    content = b"\n" + content
    field, common = content.find(b"\nLicense:"), content.find(COMMON)
    while field >= 0 or common >= 0:
        is_field = common < 0 or 0 <= field < common
        start = field + len(b"\nLicense:") if is_field else common + len(COMMON)
        end = content.find(b"\n", start)
        line = content[start : end if end >= 0 else len(content)]
        if is_field:
            text = line.decode(errors="replace").partition("(")[0].strip()
            yield text.removeprefix(PREFIX).removesuffix(SUFFIX)
        elif referred := REFERRED.match(line):
            yield referred[0].decode()
        rest = start + len(line)
        field = content.find(b"\nLicense:", rest) if 0 <= field < rest else field
        common = content.find(COMMON, rest) if 0 <= common < rest else common
