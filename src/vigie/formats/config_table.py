"""Misconfigurations for people: what is wrong, why it matters, the lines with the cause marked, how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from vigie.formats.grid import SEVERITY_STYLES, paint, shown, width_of, wrap
from vigie.model.misconfiguration import CodeLine, Misconfiguration
from vigie.model.report import Result
from vigie.scanner.writer import View

PLACES = 20
"""Places of one check in one file that are shown; the JSON report has them all."""
CHAIN = 6
ORIGINS = 4


def misconfigurations(result: Result, view: View) -> Iterator[list[str]]:
    """Blocks of lines: one for each check, with all its places below each other."""
    ordered = sorted(result.misconfigurations, key=lambda f: (-_rank(f), f.id, f.start, f.message))
    for _, group in groupby(ordered, key=lambda f: f.id):
        places = list(group)
        yield list(_check(places, view))
    if view.passes and result.passes:
        yield ["Passed: " + ", ".join(one.id for one in result.passes)]
    if result.suppressed:
        lines = [paint("Accepted", "bold", view.colour)]
        for one in result.suppressed:
            finding = one.finding
            if isinstance(finding, Misconfiguration):
                why = f": {one.statement}" if one.statement else ""
                lines += _wrapped(f"{finding.id} {finding.message} ({one.source}{why})", view, 2)
        yield lines


def _rank(finding: Misconfiguration) -> int:
    return list(reversed(SEVERITY_STYLES)).index(finding.severity)


def _check(places: list[Misconfiguration], view: View) -> Iterator[str]:
    first = places[0]
    severity = paint(first.severity, SEVERITY_STYLES[first.severity], view.colour)
    yield f"{paint(first.id, 'bold', view.colour)} {severity}  {shown(first.title)}"
    yield from _wrapped(first.description, view, 2)
    yield from _wrapped(f"To mend it: {first.resolution}", view, 2)
    if first.references:
        yield paint(f"  {first.references[0]}", "dim", view.colour)
    for finding in places[:PLACES]:
        yield ""
        yield from _place(finding, view)
    if len(places) > PLACES:
        yield f"  and {len(places) - PLACES} more places, which --format json lists"


def _place(finding: Misconfiguration, view: View) -> Iterator[str]:
    yield from _wrapped(finding.message, view, 2)
    where = f" line {finding.start}" if finding.start else ""
    where += f"-{finding.end}" if finding.end > finding.start else ""
    resource = f", {finding.resource}" if finding.resource else ""
    if where:
        yield paint(shown(f"   {where}{resource}"), "dim", view.colour)
    for occurrence in [one for one in finding.occurrences if one.resource.startswith("module.")][:CHAIN]:
        place = f"{occurrence.file}:{occurrence.start}" if occurrence.start else occurrence.file
        yield paint(shown(f"    via {occurrence.resource or 'an outer block'} ({place})"), "dim", view.colour)
    for origin in finding.origins[:ORIGINS]:
        yield paint(shown(f"    value from {origin.name} ({origin.file}:{origin.start})"), "dim", view.colour)
    for line in finding.code:
        yield _code(line, view)
    if finding.rendered:
        yield "    with values put in:"
        yield from (f"      {shown(line)}" for line in finding.rendered.split("\n"))


def _code(line: CodeLine, view: View) -> str:
    if line.truncated:
        return paint("         ⋮", "dim", view.colour)
    mark = "▌" if line.is_cause else " "
    text = shown(line.content.expandtabs(4))
    room = max(view.width - 11, 20)
    if width_of(text) > room:
        text = text[: room - 1] + "…"
    body = f"  {line.number:>5} {mark} {text}".rstrip()
    return paint(body, "" if line.is_cause else "dim", view.colour)


def _wrapped(text: str, view: View, indent: int) -> list[str]:
    return [" " * indent + line for line in wrap(text, max(view.width - indent, 20))]
