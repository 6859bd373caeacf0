"""Package URLs: one text that names a package in any ecosystem."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, quote_plus

KEPT = "-._~!$&'()*,;=:"
"""What stays unescaped in a name or version beside letters and digits; the peers escape `+` and `@` there too."""


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
    Source: the purl specification, with the escapes that the peers print (a blank in a qualifier is `+`).
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
        pairs = [f"{key}={quote_plus(value)}" for key, value in sorted(qualifiers.items()) if value]
        if pairs:
            parts += ["?", "&".join(pairs)]
    if subpath:
        parts += ["#", _path(subpath)]
    return "".join(parts)


def _escape(text: str) -> str:
    # Nearly every name and version is plain; `quote` costs more than all the rest of this function.
    return text if text.isascii() and text.replace(".", "").replace("-", "").isalnum() else quote(text, safe=KEPT)


def _path(text: str) -> str:
    return "/".join(_escape(piece) for piece in text.split("/") if piece)
