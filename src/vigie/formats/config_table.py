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

from vigie.formats.excerpt import (
    EXCERPTS,
    PLACES,
    WHOLE,
    excerpt,
    explanation,
    heading,
    more_places,
    paragraph,
    shortened,
)
from vigie.formats.grid import SEVERITY_STYLES, paint, shown
from vigie.model.misconfiguration import Misconfiguration, Occurrence
from vigie.model.report import Result
from vigie.scanner.writer import View

NAMES = 3
CALLS = 4
ORIGINS = 4


def misconfigurations(result: Result, view: View, told: set[str]) -> Iterator[list[str]]:
    """Blocks of lines: one for each check, with all its places below each other. told: checks that were explained."""
    ordered = sorted(result.misconfigurations, key=lambda f: (-_rank(f), f.id, f.start, f.end, f.message))
    seen: set[tuple[int, int]] = set()
    for id_, group in groupby(ordered, key=lambda f: f.id):
        yield list(_check(list(group), _Page(result.target, view, id_ not in told, seen)))
        told.add(id_)
    if view.passes and result.passes:
        yield paragraph("Passed: " + ", ".join(one.id for one in result.passes), view, 0)
    if result.suppressed:
        lines = [paint("Accepted", "bold", view.colour)]
        for one in result.suppressed:
            finding = one.finding
            if isinstance(finding, Misconfiguration):
                why = f": {one.statement}" if one.statement else ""
                lines += paragraph(f"{finding.id} {finding.message} ({one.source}{why})", view, 2)
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
    yield from heading(first.severity, first.id, first.title, view)
    if page.explain:
        url = first.references[0] if first.references else ""
        yield from explanation(first.description, first.resolution, url, view)
    places = [list(group) for _, group in groupby(findings, key=lambda f: (f.start, f.end))]
    for number, place in enumerate(places[:PLACES]):
        if page.explain or number:
            yield ""
        yield from _place(place, page, number < EXCERPTS)
    if len(places) > PLACES:
        yield from more_places(len(places) - PLACES)


def _place(findings: list[Misconfiguration], page: _Page, lines_too: bool) -> Iterator[str]:
    """One place: what is wrong there, where it is, how it is reached, its lines."""
    first, (target, view, _, seen) = findings[0], page
    for message in dict.fromkeys(finding.message for finding in findings):
        yield from paragraph(message, view, 2)
    if first.start:
        lines = f"{first.start}-{first.end}" if first.end > first.start else str(first.start)
        names = [name for finding in findings if (name := _name(finding, target))]
        yield from paragraph(f"{target}:{lines}{' in ' if names else ''}{_listed(names)}", view, 2, "dim")
    calls = dict.fromkeys(call for finding in findings if (call := _call(finding.occurrences)))
    for call in list(calls)[:NAMES]:
        yield from paragraph(call, view, 4, "dim")
    if len(calls) > NAMES:
        yield from paragraph(f"and {len(calls) - NAMES} more ways", view, 4, "dim")
    for origin in dict.fromkeys(origin for finding in findings for origin in finding.origins[:ORIGINS]):
        yield from paragraph(f"value from {origin.name} ({origin.file}:{origin.start})", view, 4, "dim")
    code = list(shortened(first.code))
    place = (first.start, first.end)
    if lines_too and (place not in seen or len(code) <= WHOLE):
        seen.add(place)
        yield from excerpt(code, first.severity, view)
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
