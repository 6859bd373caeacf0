"""Where in a rule file stands what is wrong in a condition or an output, which the engine tells by an offset."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from vigie.runtime.rules.items import Text
from vigie.runtime.rules.problems import Problems, Where, lines


def characters(text: str, offset: int) -> int:
    """An offset in bytes as one in characters."""
    return len(text.encode()[:offset].decode(errors="ignore"))


def part_at(parts: Iterable[Text], offset: int, replaced: Callable[[Text], str]) -> Where:
    """Which of the parts that a condition was put together from holds a place in it (in characters).

    replaced: a part with the names of lists replaced, as in the condition. Raises ValueError without parts.
    """
    length = 0
    for part in parts:
        where = part.where
        length += len(replaced(part))
        if offset < length:
            return where
    if not length:
        raise ValueError("a condition is made of at least one part")
    return where


def note_in_text(
    problems: Problems,
    code: str,
    message: str,
    *,
    where: Where,
    text: str,
    offset: int,
    kind: str = "condition",
) -> None:
    """Notes a problem at a place (in characters) of a condition or output, whose lists and exceptions have been put
    in."""
    before = lines(text[:offset])
    short = " ".join(text[:40].split())[:20]
    name = f'"{short}..."' if len(text) > len(short) else f'"{short}"'
    problems.add(code, message, Where(f"{kind} expression", "", name, len(before), len(before[-1]) + 1, where), text)
