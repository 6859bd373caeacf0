"""What findings of all kinds share in the JSON report: which members are written, a layer, an excerpt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
