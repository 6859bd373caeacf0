"""What the rules of gitleaks are called here.

The ids are those that gitleaks 8.30.1 knows (`gitleaks stdin --enable-rule ID` says so); the rules are ours.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path

import msgspec

TABLE = Path(__file__).with_name("gitleaks.json")
"""From the ids of gitleaks that are others here to ours; none where no rule of ours looks for the same."""


def our_ids(id_: str, known: Collection[str]) -> tuple[str, ...] | None:
    """The rules that an id of gitleaks, or of ours, means; none when no rule here looks for the same, None when nobody
    knows the id. known: ids of the rules that there are."""
    mapped = _table().get(id_)
    if mapped is not None:
        return tuple(one for one in dict.fromkeys((id_, *mapped)) if one in known)
    return (id_,) if id_ in known else None


@cache
def _table() -> dict[str, tuple[str, ...]]:
    return msgspec.json.decode(TABLE.read_bytes(), type=dict[str, tuple[str, ...]])
