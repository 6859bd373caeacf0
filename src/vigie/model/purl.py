"""Package URLs: one text that names a package in any ecosystem."""

from collections.abc import Mapping
from urllib.parse import quote, unquote

from msgspec import Struct

KEPT = "-._~!$&'()*,;=:"
"""What stays unescaped in a name or version beside letters and digits; the peers escape `+` and `@` there too."""


class Purl(Struct, frozen=True):
    """A package URL in its parts, unescaped. qualifiers: (key, value) in the order of the keys."""

    type: str
    name: str
    namespace: str = ""
    version: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()
    subpath: str = ""


def purl(  # noqa: PLR0917 - the parts of a purl in the order in which they stand in it
    type: str,
    namespace: str,
    name: str,
    version: str = "",
    qualifiers: Mapping[str, str] | None = None,
    subpath: str = "",
) -> str:
    """A package URL, `pkg:type/namespace/name@version?qualifiers#subpath`; "" for an empty name.

    namespace and subpath: `/`-separated, escaped piece by piece. qualifiers: empty values are left out, the rest is
    printed in the order of the keys. Names are taken as they are: an ecosystem lower-cases or splits before it calls.
    Source: the purl specification, with the escapes that the peers print (in a qualifier only `:` stays bare).
    """
    if not name:
        return ""
    parts = ["pkg:", type, "/"]
    if namespace:
        parts += [_path(namespace), "/"]
    parts.append(_escape(name))
    if version:
        parts += ["@", _escape(version)]
    if qualifiers:
        pairs = [f"{key}={quote(value, safe=':')}" for key, value in sorted(qualifiers.items()) if value]
        if pairs:
            parts += ["?", "&".join(pairs)]
    if subpath:
        parts += ["#", _path(subpath)]
    return "".join(parts)


def parse(text: str) -> Purl:
    """The parts of a package URL. Raises ValueError for what is none.

    The type and the keys of qualifiers are lower-cased, as the specification asks; names are left alone, because what
    else counts as equal is each ecosystem's affair.
    """
    scheme, colon, rest = text.partition(":")
    if not colon or scheme.lower() != "pkg":
        raise ValueError('it does not begin with "pkg:"')
    rest, _, subpath = rest.partition("#")
    rest, _, query = rest.partition("?")
    # A namespace may hold a bare `@` (`pkg:npm/@scope/name`), so only one behind the last slash begins a version.
    slash, at = rest.rfind("/"), rest.rfind("@")
    path, version = (rest[:at], rest[at + 1 :]) if at > slash + 1 else (rest, "")
    pieces = [unquote(piece) for piece in path.split("/") if piece]
    if len(pieces) < 2:
        raise ValueError("a type and a name are needed")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return Purl(
        type=pieces[0].lower(),
        namespace="/".join(pieces[1:-1]),
        name=pieces[-1],
        version=unquote(version),
        qualifiers=tuple(sorted((key.lower(), unquote(value)) for key, _, value in pairs if value)),
        subpath="/".join(unquote(piece) for piece in subpath.split("/") if piece),
    )


def _escape(text: str) -> str:
    # Nearly every name and version is plain; `quote` costs more than all the rest of this function.
    return text if text.isascii() and text.replace(".", "").replace("-", "").isalnum() else quote(text, safe=KEPT)


def _path(text: str) -> str:
    return "/".join(_escape(piece) for piece in text.split("/") if piece)
