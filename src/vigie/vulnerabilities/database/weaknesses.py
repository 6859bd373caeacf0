"""Names of kinds of weaknesses (CWE), to say in a word what a vulnerability without a title is."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("weaknesses.json")


def weakness_name(weakness: str) -> str:
    """The short name of `CWE-79`: `Cross-site Scripting`; "" for one that is not in the table."""
    return _names().get(weakness.removeprefix("CWE-"), "")


@cache
def _names() -> dict[str, str]:
    """Number → name, after MITRE's list; where that gives the usual term in brackets, the usual term."""
    names: dict[str, str] = json.loads(_TABLE.read_bytes())
    return names
