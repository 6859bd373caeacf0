"""What reports in JSON share: which members are written, and how; numbers, layers, excerpts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from vigie.model.artifact import LayerReference
from vigie.model.misconfiguration import CodeLine


def omit_empty(*pairs: tuple[str, Any]) -> dict[str, Any]:
    """The pairs that are not empty: no None, "", 0, False, [] or {}."""
    return {key: value for key, value in pairs if value}


def layer(reference: LayerReference | None, *, size: bool = False) -> dict[str, Any]:
    """`Layer`; empty where there is none."""
    if reference is None:
        return {}
    return omit_empty(
        ("Size", reference.size if size else 0),
        ("Digest", reference.digest),
        ("DiffID", reference.diff_id),
        ("CreatedBy", reference.created_by),
    )


def code(lines: Iterable[CodeLine]) -> dict[str, Any]:
    """`Code`. `Highlighted` is left out: colours are for those who show the excerpt."""
    return {
        "Lines": [
            {
                "Number": line.number,
                "Content": line.content,
                "IsCause": line.is_cause,
                "Annotation": "",
                "Truncated": line.truncated,
                "FirstCause": line.first,
                "LastCause": line.last,
            }
            for line in lines
        ]
    }


def encoded(value: Any, indent: str) -> str:
    """A value as text whose lines, but the first, begin with an indent."""
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:  # names from file systems may hold bytes that are no UTF-8
        encoded = msgspec.json.encode(_whole(value))
    for character in "<>&\u2028\u2029":  # outside of strings JSON has none of these
        encoded = encoded.replace(character.encode(), b"\\u%04x" % ord(character))
    return msgspec.json.format(encoded, indent=2).decode().replace("\n", f"\n{indent}")


def plain(number: float) -> float | int:
    """9.0 as Go prints it: 9."""
    return int(number) if number == int(number) else number


def _whole(value: Any) -> Any:
    """The value with broken surrogates in its texts replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_whole(key): _whole(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(each) for each in value]
    return value
