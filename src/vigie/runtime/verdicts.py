"""Runs cases of rules (`cases.py`) and says how what came differs from what was expected."""

from __future__ import annotations

import re
import time
from calendar import timegm
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct

from vigie.alerts.line import instant
from vigie.errors import CaptureError, UsageError
from vigie.model.alert import Alert, FieldValue
from vigie.runtime.cases import Case, Expected, Texts, Values
from vigie.settings.resolve import nearest, shown

MOST_SHOWN = 3
"""Alerts of a rule that are shown when they should not be there."""

LONGEST = 200
"""Characters of an alert's message that are shown."""

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")

Facts: TypeAlias = dict[str, FieldValue]


class Verdict(Struct, frozen=True):
    """How a case went. alerts: how many came. differences: a line each, those that begin with a blank belong to the
    one before; none when all is as expected."""

    case: Case
    alerts: int
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.differences


def run(case: Case) -> Verdict:
    """Runs one case. Raises RuleError for rules that cannot be used, UsageError when the case names rules that are not
    there."""
    from vigie.runtime.rules.load import load
    from vigie.runtime.rules.settings import RuleSettings
    from vigie.runtime.rules.sources import find, library
    from vigie.runtime.watch import Watch

    files = [*(library(case.library) if case.library else ()), *find(case.rules)]
    loaded = load(files, settings=RuleSettings(first=case.first))
    sets = loaded.ruleset.sets
    _known(case, list(loaded.collection.rules))
    alerts: list[Alert] = []
    broken = ""
    try:
        for batch in Watch(sets, first=case.first).replay(case.capture):
            alerts += batch
    except CaptureError as error:
        broken = error.message
    differences = [broken] if broken else []
    return Verdict(case, len(alerts), (*differences, *compare(case, alerts)))


def _known(case: Case, names: Sequence[str]) -> None:
    """A name that no rule has would never alert, whatever happens."""
    wanted = [(one.rule, one.line) for one in case.expected] + list(case.silent or ())
    for name, line in wanted:
        if name not in names:
            raise UsageError(f"{case.file}:{line}: there is no rule {shown(name)}", nearest(name, names))


def compare(case: Case, alerts: Sequence[Alert]) -> Iterator[str]:
    """What is not as expected."""
    came: dict[str, list[Alert]] = {}
    for alert in alerts:
        came.setdefault(alert.rule, []).append(alert)
    for expected in case.expected:
        yield from _of_rule(expected, came.get(expected.rule, []))
    if case.silent is None:
        named = {expected.rule for expected in case.expected}
        silent = [rule for rule in came if rule not in named]
    else:
        silent = [rule for rule, _ in case.silent if rule in came]
    for rule in silent:
        yield f"{rule}: must stay silent, {_alerts(len(came[rule]))} came"
        yield from _shown(came[rule])


def _of_rule(expected: Expected, came: Sequence[Alert]) -> Iterator[str]:
    rule, number = expected.rule, len(came)
    if expected.count is not None and number != expected.count:
        yield f"{rule}: {_alerts(expected.count)} expected, {number or 'none'} came"
        if number > expected.count:
            yield from _shown(came[expected.count :])
    least = expected.at_least
    if least is None and expected.count is None:
        least = 1
    if least is not None and number < least:
        yield f"{rule}: at least {_alerts(least)} expected, {number or 'none'} came"
    if not came:
        return
    if expected.first is not None:
        for name, wanted, got in _differences(expected.first, came[0]):
            yield f"{rule}, first alert: {name} is {got}, expected {wanted}"
    for values in expected.some:
        yield from _some(rule, values, came)


def _some(rule: str, values: Values, came: Sequence[Alert]) -> Iterator[str]:
    """Nothing when some alert has the values; else how the one that is nearest differs."""
    differences = min((list(_differences(values, alert)) for alert in came), key=len)
    if differences:
        yield f"{rule}: no alert has {_together(values)}; the nearest:"
        for name, wanted, got in differences:
            yield f"  {name} is {got}, expected {wanted}"


def _together(values: Values) -> str:
    return ", ".join(f"{name} {_quoted(value)}" for name, value in values.fields.items())


def _differences(values: Values, alert: Alert) -> Iterator[tuple[str, str, str]]:
    """Name, what was expected, what it is."""
    facts: Facts = {
        **alert.fields,
        "time": f"{instant(alert.time)}Z",
        "priority": alert.priority.name,
        "message": alert.message,
    }
    for name, wanted in values.fields.items():
        if name not in facts:
            yield name, _quoted(wanted), "not in the rule's output"
            continue
        got = texts(facts[name])
        if name == "time" and isinstance(wanted, str) and nanoseconds(wanted) == alert.time:
            continue
        if name == "priority" and isinstance(wanted, str) and wanted.lower() == str(got).lower():
            continue
        if got != wanted:
            yield name, _quoted(wanted), _quoted(got)


def texts(value: FieldValue) -> Texts:
    """A value as a test file would say it."""
    if isinstance(value, list):
        return tuple(texts(one) for one in value)
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def nanoseconds(text: str) -> int | None:
    """A time as alerts have it (`2026-01-31T12:00:00.5Z`) or in nanoseconds since the epoch. None for other texts."""
    if text.isascii() and text.isdigit():
        return int(text[:20])
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    try:
        seconds = timegm(time.strptime(match[1], "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        return None
    return seconds * 1_000_000_000 + int((match[2] or "").ljust(9, "0"))


def _quoted(value: Texts) -> str:
    if value is None:
        return "missing"
    if isinstance(value, str):
        return f'"{value}"'
    return f"({', '.join(map(_quoted, value))})"


def _alerts(number: int) -> str:
    return f"{number} alert{'' if number == 1 else 's'}"


def _shown(alerts: Sequence[Alert]) -> Iterator[str]:
    for alert in alerts[:MOST_SHOWN]:
        message = alert.message if len(alert.message) <= LONGEST else f"{alert.message[:LONGEST]}…"
        yield f"  {instant(alert.time)}Z {message}"
    if len(alerts) > MOST_SHOWN:
        yield f"  and {len(alerts) - MOST_SHOWN} more"
