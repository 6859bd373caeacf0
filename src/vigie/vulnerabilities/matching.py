"""Whether an advisory's statement holds for a version, and which versions mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from vigie.model.advisory import Advisory, DataSource, Range, Severity, Status
from vigie.model.package import Package
from vigie.versions.constraint import any_holds, terms
from vigie.versions.ordering import InvalidVersion, Ordering


class UnreadablePatch(InvalidVersion):
    """The version is among the affected ones, and whether it is patched cannot be told: it counts as affected."""


class Match(Struct, frozen=True, kw_only=True):
    """A package met an advisory; what is left is to look up what the vulnerability is.

    fixes: versions that mend it, the nearest first, as shown. reach: the key of the nearest, None when unknown.
    preset, preset_source: a rating that goes before any choice, and whose it is.
    """

    id: str
    package: Package
    installed: str
    advisory: Advisory
    fixes: tuple[str, ...]
    reach: Any
    status: Status
    source: DataSource | None
    preset: Severity | None = None
    preset_source: str = ""
    vendor_ids: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    omit_package_id: bool = False


def affected(advisory: Advisory, version: str, ordering: Ordering) -> bool:
    """Whether the statement holds. Statements that name nothing at all do not. Raises InvalidVersion when that cannot
    be told, because the version or the decisive part of the advisory cannot be read, UnreadablePatch when only the
    part about mended versions is in doubt."""
    if advisory.vulnerable or advisory.patched or advisory.unaffected:
        return _by_constraints(advisory, version, ordering)
    if advisory.ranges or advisory.versions:
        parts: tuple[Range | str, ...] = (*advisory.versions, *advisory.ranges)
        return version in advisory.versions or any_holds(parts, lambda part: _part_holds(part, version, ordering.key))
    if not advisory.fixed:
        return False
    at = ordering.key(version)
    if advisory.affected_from and at < ordering.key(advisory.affected_from):
        return False
    return bool(at < ordering.key(advisory.fixed))


def _part_holds(part: Range | str, version: str, key: Callable[[str], Any]) -> bool:
    if isinstance(part, Range):
        return _in_range(part, version, key)
    at = key(version)
    try:
        return bool(at == key(part))
    except InvalidVersion:
        return False  # what is no version is none that could be installed: as texts they differ


def _in_range(part: Range, version: str, key: Callable[[str], Any]) -> bool:
    outside: list[Callable[[], bool]] = []
    if part.introduced not in ("", "0"):
        outside.append(lambda: key(version) < key(part.introduced))
    if part.fixed:
        outside.append(lambda: key(version) >= key(part.fixed))
    elif part.last_affected:
        outside.append(lambda: key(version) > key(part.last_affected))
    return not any_holds(outside, lambda test: test())


def _by_constraints(advisory: Advisory, version: str, ordering: Ordering) -> bool:
    if "" in advisory.vulnerable or "" in advisory.patched:
        return True
    satisfies = ordering.satisfies
    if satisfies is None:
        raise InvalidVersion(f"versions of {ordering.name} have no constraints")
    if advisory.vulnerable and not any_holds(advisory.vulnerable, lambda text: satisfies(version, text)):
        return False
    try:
        return not any_holds((*advisory.patched, *advisory.unaffected), lambda text: satisfies(version, text))
    except InvalidVersion as error:
        raise UnreadablePatch(*error.args) from error


def fixes(advisory: Advisory, version: str, ordering: Ordering) -> tuple[str, ...]:
    """The versions to show as fixed.

    From constraint texts as the peer does: the patched texts as they stand, else the bounds of `<` terms. From ranges
    the ends of those the version is in, then ends above it, then the others; each time the smallest first."""
    if advisory.patched:
        return _once(advisory.patched)
    if advisory.vulnerable:
        bounds = (term for text in advisory.vulnerable for part in text.split("||") for term in terms(part))
        return _once(operand for operator, operand in bounds if operator == "<")
    if not advisory.ranges:
        return (advisory.fixed,) if advisory.fixed else ()
    key = ordering.key

    def distance(part: Range) -> tuple[int, Any]:
        try:
            at, end = key(version), key(part.fixed)
            return (0 if _in_range(part, version, key) else 1 if end > at else 2), end
        except InvalidVersion:
            return 3, ()

    return _once(part.fixed for part in sorted((part for part in advisory.ranges if part.fixed), key=distance))


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def reach(fixed: Iterable[str], version: str, ordering: Ordering) -> Any:
    """The key of the smallest of these versions (operators before them are ignored) that is above the installed one;
    else of the greatest; None when none can be read."""
    keys = []
    for text in fixed:
        for _, operand in terms(text)[:1]:
            try:
                keys.append(ordering.key(operand))
            except InvalidVersion:
                continue
    try:
        above = [found for found in keys if found > ordering.key(version)]
    except InvalidVersion:
        above = []
    return min(above) if above else max(keys, default=None)
