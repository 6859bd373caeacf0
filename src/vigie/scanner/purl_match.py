"""Whether one package URL names another: a pattern may leave out the version and qualifiers."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote, unquote_plus


class PurlParts(NamedTuple):
    """A package URL taken apart and unescaped. qualifiers are (key, value) pairs."""

    type: str
    namespace: str
    name: str
    version: str
    qualifiers: frozenset[tuple[str, str]]
    subpath: str


def parse(text: str) -> PurlParts:
    """Takes `pkg:type/namespace/name@version?qualifiers#subpath` apart. Raises ValueError."""
    scheme, colon, rest = text.partition(":")
    if scheme.lower() != "pkg" or not colon:
        raise ValueError("it does not begin with pkg:")
    rest, _, subpath = rest.partition("#")
    rest, _, query = rest.partition("?")
    kind, slash, rest = rest.lstrip("/").partition("/")
    rest, at, version = rest.rpartition("@") if "@" in rest.rpartition("/")[2] else (rest, "", "")
    namespace, _, name = rest.strip("/").rpartition("/")
    if not (kind and slash and name) or (at and not version):
        raise ValueError("it needs a type and a name")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return PurlParts(
        kind.lower(),
        unquote(namespace),
        unquote(name),
        unquote(version),
        frozenset((key.lower(), unquote_plus(value)) for key, _, value in pairs if value),
        unquote(subpath),
    )


def covers(pattern: str, package: str) -> bool:
    """Whether `pattern` names `package`: type, namespace and name are equal, the rest where the pattern gives it.
    A package URL that cannot be taken apart is covered by nothing. Raises ValueError for such a pattern."""
    wanted = parse(pattern)
    try:
        found = parse(package)
    except ValueError:
        return False
    return (
        wanted[:3] == found[:3]
        and wanted.version in ("", found.version)
        and wanted.qualifiers <= found.qualifiers
        and wanted.subpath in ("", found.subpath)
    )
