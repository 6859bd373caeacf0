"""Conditions that compile and may not mean what their authors think."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vigie._core import Condition

_LATENCY = "it is always 0, since only the ends of system calls are seen"
DEPRECATED = {
    "evt.dir": "only the ends of system calls are seen, so it always is '<'",
    "evt.wait_latency": _LATENCY,
    **dict.fromkeys(
        ("evt.latency", "evt.latency.s", "evt.latency.ns", "evt.latency.quantized", "evt.latency.human"), _LATENCY
    ),
}
"""Fields that are going to be removed, and why they are of no use."""

_WITH_NA = re.compile(
    r"""((?:ka|jevt)\.[A-Za-z0-9_.]+(?:\[[^\]]*\])?)\)?\s*
        (?:(?:==?|!=|startswith|endswith|i?contains|i?glob|regex)\s*["']?<NA>
          |(?:in|intersects|pmatch)\s*\([^()]*<NA>)""",
    re.VERBOSE,
)


def _names_deprecated(text: str) -> bool:
    return "evt.dir" in text or "latency" in text


def doubtful(text: str) -> bool:
    """Whether a condition is worth a closer look."""
    return "<NA>" in text or _names_deprecated(text)


def compared_with_na(texts: Iterable[str]) -> str:
    """The first field of an audit event that is compared with `<NA>`, which a missing value is not equal to; ""."""
    for text in texts:
        if "<NA>" in text and (found := _WITH_NA.search(text)):
            return found[1]
    return ""


def deprecated_fields(texts: Iterable[str], condition: Condition) -> list[str]:
    """The deprecated fields of a condition, with its macros; texts: what it was made of."""
    if not any(_names_deprecated(text) for text in texts):
        return []
    return [field for field in condition.fields() if field in DEPRECATED]


def names_unknown_field(message: str) -> bool:
    """Whether an output was refused for a field that does not exist."""
    return "no field" in message
