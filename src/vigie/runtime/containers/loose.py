"""Reading documents whose shape nobody vouches for: what has not the expected type counts as absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.runtime.containers.container import MAX_TEXT


def at(document: Any, *path: str) -> Any:
    """The value below keys; None when a step is not there."""
    for key in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document


def text(document: Any, *path: str) -> str:
    value = at(document, *path)
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def flag(document: Any, *path: str) -> bool:
    return at(document, *path) is True


def number(document: Any, *path: str, default: int = 0) -> int:
    """A whole number of 64 bits; text that is one counts, too."""
    value = at(document, *path)
    if isinstance(value, str) and value.isdecimal() and len(value) < 19:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63 else default


def texts(document: Any, *path: str, limit: int = 1000) -> list[str]:
    """The texts of a list, at most `limit`."""
    value = at(document, *path)
    return [item[:MAX_TEXT] for item in value[:limit] if isinstance(item, str)] if isinstance(value, list) else []


def mapping(document: Any, *path: str) -> dict[str, str]:
    """The pairs of texts of a mapping."""
    value = at(document, *path)
    if not isinstance(value, Mapping):
        return {}
    return {key: item for key, item in value.items() if isinstance(key, str) and isinstance(item, str)}


def items(document: Any, *path: str, limit: int = 1000) -> list[Mapping[str, Any]]:
    """The mappings in a list, at most `limit`."""
    value = at(document, *path)
    return [item for item in value[:limit] if isinstance(item, Mapping)] if isinstance(value, list) else []
