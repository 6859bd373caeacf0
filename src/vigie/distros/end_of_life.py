"""Last days of support, written compactly: `9=2022-06-30 10=2024-06-30`."""

from __future__ import annotations

from datetime import date


def schedule(text: str) -> dict[str, date]:
    """From release to its last day of support, in the order of the text."""
    return {release: date.fromisoformat(day) for release, _, day in (pair.partition("=") for pair in text.split())}
