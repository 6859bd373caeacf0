"""Misconfigurations for people: what is wrong, why it matters, how to mend it, and the lines with the cause marked.

    HIGH AWS-0092  S3 buckets should not be public by their ACL
      A public canned ACL lets anybody list the bucket …
      To mend it: Use the ACL `private` …
      https://docs.aws.amazon.com/…

      The ACL "public-read" lets strangers into the bucket.
      modules/bucket/main.tf:25 in aws_s3_bucket_acl.this
        via module.bucket["assets"] (envs/prod/main.tf:33)
         23   resource "aws_s3_bucket_acl" "this" {
         24     bucket = aws_s3_bucket.this.id
         25 ▌   acl    = var.acl
         26   }

What is the same is said once: why and how for each check in the whole report, the lines of a place, however many checks
object to it and however many instances of a module or resource lead there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from vigie.formats.grid import SEVERITY_STYLES, paint, shown, width_of, wrap
from vigie.model.misconfiguration import CodeLine, Misconfiguration, Occurrence
from vigie.model.report import Result
from vigie.scanner.writer import View

PLACES = 20
"""Places of one check in one file that are shown; the JSON report has them all."""
EXCERPTS = 5
"""Those of them that are shown with their lines."""
NAMES = 3
CALLS = 4
ORIGINS = 4
WHOLE = 3
"""Lines shown of a block that is wrong as a whole: enough to know it again."""
PART = 6


def misconfigurations(result: Result, view: View, told: set[str]) -> Iterator[list[str]]:
    """Blocks of lines: one for each check, with all its places below each other. told: checks that were explained."""
    ordered = sorted(result.misconfigurations, key=lambda f: (-_rank(f), f.id, f.start, f.end, f.message))
    seen: set[tuple[int, int]] = set()
    for id_, group in groupby(ordered, key=lambda f: f.id):
        yield list(_check(list(group), _Page(result.target, view, id_ not in told, seen)))
        told.add(id_)
    if view.passes and result.passes:
        yield _wrapped("Passed: " + ", ".join(one.id for one in result.passes), view, 0)
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


class _Page(NamedTuple):
    """What is written about one target. explain: whether why and how are told; seen: places whose lines were shown."""

    target: str
    view: View
    explain: bool
    seen: set[tuple[int, int]]


def _check(findings: list[Misconfiguration], page: _Page) -> Iterator[str]:
    first, view = findings[0], page.view
    severity = paint(first.severity, SEVERITY_STYLES[first.severity], view.colour)
    plain = f"{first.severity} {first.id}  "
    title, *rest = wrap(first.title, max(view.width - width_of(plain), 20)) or [""]
    yield f"{severity} {paint(first.id, 'bold', view.colour)}  {paint(title, 'bold', view.colour)}"
    yield from (paint(f"  {line}", "bold", view.colour) for line in rest)
    if page.explain:
        yield from _wrapped(first.description, view, 2)
        yield from _wrapped(f"To mend it: {first.resolution}", view, 2)
        if first.references:
            yield paint(f"  {shown(first.references[0])}", "dim", view.colour)
    places = [list(group) for _, group in groupby(findings, key=lambda f: (f.start, f.end))]
    for number, place in enumerate(places[:PLACES]):
        if page.explain or number:
            yield ""
        yield from _place(place, page, number < EXCERPTS)
    if len(places) > PLACES:
        yield ""
        yield f"  and {len(places) - PLACES} more places, which --format json lists"


def _place(findings: list[Misconfiguration], page: _Page, excerpt: bool) -> Iterator[str]:
    """One place: what is wrong there, where it is, how it is reached, its lines."""
    first, (target, view, _, seen) = findings[0], page
    for message in dict.fromkeys(finding.message for finding in findings):
        yield from _wrapped(message, view, 2)
    if first.start:
        lines = f"{first.start}-{first.end}" if first.end > first.start else str(first.start)
        names = [name for finding in findings if (name := _name(finding, target))]
        yield from _faint(f"{target}:{lines}{' in ' if names else ''}{_listed(names)}", view, 2)
    calls = dict.fromkeys(call for finding in findings if (call := _call(finding.occurrences)))
    for call in list(calls)[:NAMES]:
        yield from _faint(call, view, 4)
    if len(calls) > NAMES:
        yield from _faint(f"and {len(calls) - NAMES} more ways", view, 4)
    for origin in dict.fromkeys(origin for finding in findings for origin in finding.origins[:ORIGINS]):
        yield from _faint(f"value from {origin.name} ({origin.file}:{origin.start})", view, 4)
    code = list(_short(first.code))
    place = (first.start, first.end)
    if excerpt and (place not in seen or len(code) <= WHOLE):
        seen.add(place)
        yield from (_code(line, first, view) for line in code)
    for rendered in dict.fromkeys(finding.rendered for finding in findings if finding.rendered):
        yield "    with values put in:"
        yield from (f"      {shown(line)}" for line in rendered.split("\n"))


def _name(finding: Misconfiguration, target: str) -> str:
    """The resource, unless its name says no more than the place, or is that of a module."""
    inner = [one.resource for one in finding.occurrences if one.resource and not one.resource.startswith("module.")]
    name = inner[-1] if inner else finding.resource
    return "" if name.startswith((f"{target}:", "module.")) else name


def _call(occurrences: Iterable[Occurrence]) -> str:
    """The calls of modules that lead there, the nearest first."""
    calls = [f"{one.resource} ({one.file}:{one.start})" for one in occurrences if one.resource.startswith("module.")]
    return "via " + " of ".join([*calls[:CALLS], *(["…"] if len(calls) > CALLS else [])]) if calls else ""


def _listed(names: Sequence[str]) -> str:
    different = list(dict.fromkeys(names))
    more = f" and {len(different) - NAMES} more" if len(different) > NAMES else ""
    return ", ".join(different[:NAMES]) + more


def _short(code: Sequence[CodeLine]) -> Iterator[CodeLine]:
    """The excerpt without the rest of a long cause, whose first lines are enough."""
    most = PART if any(not line.is_cause and not line.truncated for line in code) else WHOLE
    causes = sum(line.is_cause for line in code)
    if causes <= most + 1:
        yield from code
        return
    seen = 0
    for line in code:
        seen += line.is_cause
        if not line.is_cause or seen <= most:
            if not (line.truncated and seen > most):
                yield line
        elif seen == most + 1:
            yield CodeLine(line.number, truncated=True)


def _code(line: CodeLine, finding: Misconfiguration, view: View) -> str:
    if line.truncated:
        return paint("         ⋮", "dim", view.colour)
    text = shown(line.content.expandtabs(4))
    room = max(view.width - 11, 20)
    if width_of(text) > room:
        text = text[: room - 1]
        while width_of(text) > room - 1:  # letters of two columns
            text = text[:-1]
        text += "…"
    if not line.is_cause:
        return paint(f"  {line.number:>5}   {text}".rstrip(), "dim", view.colour)
    mark = paint("▌", SEVERITY_STYLES[finding.severity], view.colour)
    return f"  {line.number:>5} {mark} {text}".rstrip()


def _wrapped(text: str, view: View, indent: int) -> list[str]:
    return [" " * indent + line for line in wrap(text, max(view.width - indent, 20))]


def _faint(text: str, view: View, indent: int) -> list[str]:
    return [paint(line, "dim", view.colour) for line in _wrapped(text, view, indent)]
