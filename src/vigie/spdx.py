"""Licence texts as people write them, to SPDX identifiers. What is known stands in `spdx.json` beside this file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import msgspec

TEXT = "text://"
"""Prefix of an entry that is the wording of a licence, not its name."""

MARKS_OF_TEXT = (
    "http://",
    "https://",
    "(c)",
    "as-is",
    ";",
    "hereby",
    "permission to use",
    "permission is",
    "use in source",
    "use, copy, modify",
    "using",
)
SEPARATOR = re.compile(r",?[ _]+(?:or|and)[ _]+|,[ ]*")
WHOLE = (
    ("GNU Library or Lesser General Public License (LGPL)", "LGPL"),
    ("Common Development and Distribution License 1.0 (CDDL-1.0)", "CDDL-1.0"),
    ("Historical Permission Notice and Disclaimer (HPND)", "HPND"),
)
"""Names that contain a separator and are one licence all the same, with what they mean."""

GNU = frozenset({"GPL", "LGPL", "AGPL", "GFDL"})
NOISE = frozenset(
    re.findall(
        r"\S+", "the license licence licenses licences licensed licensing under software version ver v terms of style"
    )
)
TOKEN = re.compile(r"\d+(?:\.\d+)*|[a-z]+|\+")
LATER = re.compile(
    r"[\s,_-]*(?:\(?\s*(?:or|and)[\s_-]+)?(?:any[\s_-]+)?(?:later|newer|greater|above)(?:[\s_-]+version)?s?\s*\)?"
)
ABBREVIATION = re.compile(r"\s*\(([^()]*)\)\s*$")
OPERATOR = re.compile(r"\s+(AND|OR)\s+")
WITH = re.compile(r"[\s_-]+with[\s_-]+|\s+w/\s*", re.IGNORECASE)
LONGEST_NAME = 200


class Known(msgspec.Struct, frozen=True):
    """The content of `spdx.json`: ids, and per id or family the ways in which people write them."""

    ids: list[str]
    exceptions: list[str]
    families: dict[str, list[str]]
    aliases: dict[str, list[str]]
    exception_aliases: dict[str, list[str]]
    urls: dict[str, list[str]]


class Tables(msgspec.Struct, frozen=True):
    """`Known`, turned round for look-ups: from a spelling to an id."""

    ids: dict[str, str]
    aliases: dict[str, str]
    families: dict[str, str]
    exceptions: dict[str, str]
    urls: dict[str, str]


def licenses(text: str) -> tuple[str, ...]:
    """The licences that a metadata field names, in its order, each normalised, without repetition.

    Wording instead of a name is one entry, `text://` and the wording. Otherwise the field is cut at commas and at `or`
    and `and` between blanks or underscores; `AND` and `OR` in capitals make an SPDX expression, which stays whole.
    """
    text = text.strip()
    lower = text.lower()
    if any(mark in lower for mark in MARKS_OF_TEXT) and not _url(text):
        return (TEXT + text,)
    for name, meaning in WHOLE:
        text = text.replace(name, meaning)
    pieces: list[str] = []
    for piece in SEPARATOR.split(text):
        start = piece.lower()
        if pieces and start.startswith("ver"):
            pieces[-1] = f"{pieces[-1]}, {piece}"
        elif pieces and start.startswith(("later", "any later", "newer", "any newer", "greater")):
            pieces[-1] = f"{pieces[-1]} or {piece}"
        else:
            pieces.append(piece)
    return unique(pieces)


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text normalised, empty ones and repetitions dropped, order kept."""
    return tuple(dict.fromkeys(name for name in map(normalise, texts) if name))


def normalise(text: str) -> str:
    """The SPDX id or expression that one licence name means; the text itself, blanks tidied, when it is not known.

    Knows versions and "or later" in their many spellings (`GPLv2+` is `GPL-2.0-or-later`), expressions with `AND`, `OR`
    and `WITH`, Trove classifiers and the addresses of well-known licences. Entries that begin `text://` are left alone.
    """
    if text.startswith(TEXT):
        return text
    text = " ".join(text.split())
    return text if len(text) > LONGEST_NAME else _expression(text)


@lru_cache(maxsize=4096)
def _expression(text: str) -> str:
    if not OPERATOR.search(text):
        return _with_exception(text)
    inner = text
    while inner.startswith("(") and inner.endswith(")") and _outermost(inner):
        inner = inner[1:-1].strip()
    # Parentheses belong to the expression only when they enclose operands; `GPL (v2)` keeps its own.
    parts = re.split(r"(\s+(?:AND|OR)\s+)", inner)
    for at in range(0, len(parts), 2):
        part = parts[at]
        left = len(part) - len(part.lstrip("( "))
        closing = part.count(")") - part.count("(", left)
        right = len(part)
        while closing > 0 and part[:right].endswith(")"):
            right, closing = right - 1, closing - 1
        parts[at] = part[:left].replace(" ", "") + _with_exception(part[left:right].strip()) + part[right:]
    return "".join(part if at % 2 == 0 else f" {part.strip()} " for at, part in enumerate(parts))


def _outermost(text: str) -> bool:
    """Whether the first parenthesis closes with the last."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


def _with_exception(text: str) -> str:
    pieces = WITH.split(text, maxsplit=1)
    if len(pieces) == 1:
        return _single(text) or text
    name, exception = _single(pieces[0]), _exception(pieces[1])
    if name and exception:
        return f"{name} WITH {exception}"
    return f"{name or pieces[0]} WITH {pieces[1]}" if " WITH " in text else _single(text) or text


def _exception(text: str) -> str:
    tables = _tables()
    key = _squeeze(text.lower())
    return tables.exceptions.get(key) or tables.exceptions.get(re.sub("exceptions?", "", key), "")


def _single(text: str) -> str:
    """The SPDX id of one name, "" when it is not known."""
    tables = _tables()
    name = text.rpartition("::")[2].strip().lower()
    if found := tables.ids.get(name):
        return found
    if found := _url(text):
        return found
    if name.startswith("(") and name.endswith(")"):
        return _single(text.strip()[1:-1])
    abbreviation = ABBREVIATION.search(name)
    if abbreviation:
        # `GNU General Public License v2 or later (GPLv2+)`: with a version the abbreviation is the more exact half.
        short = abbreviation[1].strip()
        return (
            (_known(short) if any(map(str.isdigit, short)) else "")
            or _known(name[: abbreviation.start()])
            or _known(short)
        )
    return _known(name)


def _known(name: str) -> str:
    tables = _tables()
    if found := tables.ids.get(name):
        return found
    later = bool(LATER.search(name)) or name.endswith("+")
    only = name.endswith("only")
    stem = LATER.sub("", name).removesuffix("only").rstrip(" -_+,.")
    tokens = _tokens(stem)
    squeezed = "".join(tokens)
    if not later and not only and (found := tables.aliases.get(squeezed)):
        return found
    invariants = _without_invariants(tokens)
    version = next((token for token in tokens if token[0].isdigit()), "")
    if "bsd" in tokens and "clause" in tokens and not later:
        return (
            tables.ids.get(f"bsd-{version}-clause", "")
            if set(tokens) <= {"bsd", "clause", "new", "modified", version}
            else ""
        )
    family = tables.families.get("".join(token for token in tokens if token != version))
    if version and family:
        return _versioned(family, version, later, "-no-invariants" if invariants else "")
    if (bare := tables.aliases.get(squeezed)) and later:
        return bare if bare.endswith("-or-later") else f"{bare}+"
    return ""


def _without_invariants(tokens: list[str]) -> bool:
    """Drops Debian's mark for a GFDL without invariant sections (`GFDL-NIV-1.3+`)."""
    found = "niv" in tokens or "invariants" in tokens
    tokens[:] = (
        [token for token in tokens if token not in ("niv", "no", "invariants", "invariant", "sections")]
        if found
        else tokens
    )
    return found


def _versioned(family: str, version: str, later: bool, variant: str) -> str:
    """The id of a family's version, "" when SPDX has no such version."""
    ids = _tables().ids
    trimmed = re.sub(r"(\.0)+$", "", version)
    for candidate in (version, f"{trimmed}.0", trimmed, f"{version}.0"):
        if family in GNU:
            found = ids.get(f"{family}-{candidate}{variant}-{'or-later' if later else 'only'}".lower())
        else:
            found = ids.get(f"{family}-{candidate}".lower())
        if found:
            return f"{found}+" if later and family not in GNU else found
    return ""


def _url(text: str) -> str:
    """The licence behind a well-known address, "" for other texts."""
    if "://" not in text or " " in text:
        return ""
    place = text.lower().partition("://")[2].removeprefix("www.").rstrip("/")
    place = re.sub(r"(\.(html?|txt|php|md|en))+$", "", place)
    tables = _tables()
    if found := tables.urls.get(place):
        return found
    if place.startswith(
        ("spdx.org/licenses/", "opensource.org/licenses/", "opensource.org/license/", "licenses.nuget.org/")
    ):
        return tables.ids.get(place.rpartition("/")[2], "")
    return ""


def _squeeze(text: str) -> str:
    return "".join(_tokens(text))


def _tokens(text: str) -> list[str]:
    """Words and numbers that carry meaning; `gplv3` is `gpl` and `3`."""
    return [token for token in TOKEN.findall(re.sub(r"v(?=\d)", " ", text)) if token not in NOISE]


@cache
def _tables() -> Tables:
    known = msgspec.json.decode((Path(__file__).parent / "spdx.json").read_bytes(), type=Known)
    ids = {name.lower(): name for name in known.ids}
    for name in known.ids:
        # The spellings without `-only` are SPDX's own older ids.
        if name.endswith("-only"):
            ids.setdefault(name[:-5].lower(), name)
        elif name.endswith("-or-later"):
            ids.setdefault(name[:-9].lower() + "+", name)
    aliases = {_squeeze(name.lower()): name for name in known.ids if not name.endswith(("-only", "-or-later"))}
    aliases |= {"".join(TOKEN.findall(alias)): name for name, group in known.aliases.items() for alias in group}
    exceptions = {_squeeze(name.lower()): name for name in known.exceptions}
    exceptions |= {alias: name for name, group in known.exception_aliases.items() for alias in group}
    return Tables(
        ids=ids,
        aliases=aliases,
        families={alias: name for name, group in known.families.items() for alias in group},
        exceptions=exceptions,
        urls={url: name for name, group in known.urls.items() for url in group},
    )
