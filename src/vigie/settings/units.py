"""How the texts of options are read: durations, sizes, severities, exit statuses. All raise ValueError with what is
expected."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vigie.model.advisory import SEVERITIES

SCANNER_NAMES = {
    "vulnerability": "vuln",
    "misconf": "misconfig",
    "misconfiguration": "misconfig",
    "config": "misconfig",
}

_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ms|us|µs|ns|h|m|s|d)")
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_COMMA = re.compile(r",(?![^{}]*\})")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?b)?", re.IGNORECASE)


def switch(text: str) -> bool:
    """true or false, in the spellings that Go's flag packages take."""
    if text in ("1", "t", "T", "true", "TRUE", "True"):
        return True
    if text in ("0", "f", "F", "false", "FALSE", "False"):
        return False
    raise ValueError("must be true or false")


def duration(text: str) -> float:
    """Seconds of `90s`, `5m`, `1h30m`, or of a bare number."""
    expected = "must be a time such as 90s, 5m or 1h30m"
    try:
        return _in_range(float(text), expected) if re.fullmatch(r"[\d.]+", text) else _sum_of_parts(text, expected)
    except (ValueError, OverflowError):
        raise ValueError(expected) from None


def _sum_of_parts(text: str, expected: str) -> float:
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(expected)
    return _in_range(sum(float(number) * _SECONDS[unit] for number, unit in parts), expected)


def _in_range(seconds: float, expected: str) -> float:
    if not 0 <= seconds <= 366 * 86400:
        raise ValueError(expected)
    return seconds


def size(text: str) -> int:
    """Bytes of `500MB`, `2 GB`, `1GiB` or a bare number; decimal multiples unless written with `i`."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError("must be a size such as 500MB or 2GB")
    number, multiple, suffix = match.groups()
    step = 1024 if suffix and suffix.lower() == "ib" else 1000
    return int(float(number) * step ** " kmgtp".index(multiple.lower() or " "))


def count(text: str) -> int:
    """A whole number from 0."""
    if not re.fullmatch(r"\d{1,9}", text):
        raise ValueError("must be a whole number from 0")
    return int(text)


def status(text: str) -> int:
    """An exit status. Above 255 the system would cut it, and 256 would read as success."""
    if not re.fullmatch(r"\d{1,3}", text) or int(text) > 255:
        raise ValueError("must be an exit status from 0 to 255")
    return int(text)


def severities(items: Sequence[str]) -> tuple[str, ...]:
    """Severities in ascending order; `high+` stands for high and all above it. Any case."""
    chosen: set[str] = set()
    for item in items:
        name = item.strip().upper()
        if name.removesuffix("+") not in SEVERITIES:
            raise ValueError(f"must be {listed([s.lower() for s in SEVERITIES])}, or a threshold such as high+")
        first = SEVERITIES.index(name.removesuffix("+"))
        chosen.update(SEVERITIES[first:] if name.endswith("+") else (name,))
    if not chosen:
        raise ValueError("names no severity")
    return tuple(s for s in SEVERITIES if s in chosen)


def scanners(items: Sequence[str]) -> tuple[str, ...]:
    """Scanner names in their canonical spelling, each once."""
    if not items:
        raise ValueError("names no scanner")
    return tuple(dict.fromkeys(SCANNER_NAMES.get(item, item) for item in items))


def items(text: str) -> tuple[str, ...]:
    """The parts of a comma-separated list. Quoted parts may hold commas, as in a line of CSV, and so may braces, which
    globs and regular expressions know."""
    if '"' in text:
        import csv

        try:
            parts = next(csv.reader([text], strict=True), [])
        except csv.Error:
            raise ValueError("has an unbalanced quotation mark") from None
    else:
        parts = _COMMA.split(text)
    return tuple(part.strip() for part in parts if part.strip())


def listed(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
