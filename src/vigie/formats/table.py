"""The report for people: what was scanned, what was found, what to do first, and what could not be judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import TextIO

import msgspec

from vigie.formats.config_table import misconfigurations
from vigie.formats.excerpt import paragraph
from vigie.formats.grid import SEVERITY_STYLES, Cell, Column, Line, cell, draw, paint, shown, width_of, wrap
from vigie.formats.secret_table import secrets
from vigie.formats.tree import origin_tree
from vigie.model.advisory import SEVERITIES, Severity
from vigie.model.finding import Vulnerability
from vigie.model.report import Report, Result
from vigie.scanner.advice import describe, is_exploited
from vigie.scanner.writer import View, Writer

replace = msgspec.structs.replace

NARROW = 118
"""Below this width a table of findings has no room for titles; they are listed instead."""
LIKELY = 0.1
"""Probability of exploitation from which EPSS is worth a mark."""
OLD_DAYS = 7
STEPS = 5
"""Steps of advice that are shown."""
PACKAGES = frozenset(("os-pkgs", "lang-pkgs"))
"""Classes of results that a database judges."""
PROBLEMS = 30
"""Problems that are shown; JSON has them all."""


def write(report: Report, view: View, out: TextIO) -> None:
    """Writes the report as tables and text."""
    blocks = [_header(report, view)]
    if report.results and "summary" in view.options.table_mode:
        blocks.append(_summary(report, view))
    if "detailed" in view.options.table_mode:
        explained: set[str] = set()
        for result in report.results:
            if result.findings or result.suppressed or (view.passes and result.passes):
                blocks += _details(result, view, explained)
    blocks += [_verdict(report), _advice(report, view), _problems(report, view)]
    out.write("\n\n".join("\n".join(block) for block in blocks if block) + "\n")


writer = Writer("table", write)


def _header(report: Report, view: View) -> list[str]:
    system = report.system
    name = shown(report.artifact.name) + (shown(f" ({system.family} {system.name})") if system else "")
    lines = [paint(name, "bold", view.colour)]
    if report.end_of_life and system is not None:
        since = f" since {report.end_of_life_date}" if report.end_of_life_date else ""
        lines += paragraph(
            f"{system.family} {system.name} is out of support{since}: it gets no security fixes, and advisories "
            "about it may be missing.",
            view,
            style="alarm",
        )
    knowledge = report.knowledge
    if knowledge is not None:
        age, old = _age(knowledge.date, view.today)
        hint = ": fetch a newer one with vigie db update" if old else ""
        lines += paragraph(
            f"Judged by the {knowledge.kind} database{age}{hint}", view, style="yellow" if old else "dim"
        )
    elif any(result.kind in PACKAGES for result in report.results):  # without any, none was asked
        lines += paragraph("No database of vulnerabilities answered: nothing was judged.", view, style="alarm")
    return lines


def _age(day: str, today: date) -> tuple[str, bool]:
    """` of 2026-01-31 (2 days old)`, and whether that is old."""
    try:
        days = (today - date.fromisoformat(day[:10])).days
    except ValueError:
        return "", False
    told = "today's" if days <= 0 else f"{days} day{'s' if days > 1 else ''} old"
    return f" of {day[:10]} ({told})", days > OLD_DAYS


def _chosen(view: View) -> list[Severity]:
    return [severity for severity in SEVERITIES if severity in view.options.severities]


def _summary(report: Report, view: View) -> list[str]:
    """One row for each target; none for files in which all that looked like a secret was set apart."""
    chosen = [
        severity
        for severity in reversed(_chosen(view))
        if severity != "UNKNOWN" or any(finding.severity == "UNKNOWN" for finding in report.findings)
    ]
    columns = [
        Column("Target", 12),
        Column("Type", 7 if "UNKNOWN" in chosen else 10),
        Column("Findings", 6),
        *(Column(severity.title(), right=True) for severity in chosen),
    ]
    rows: list[Sequence[Cell]] = []
    for result in report.results:
        if result.kind == "secret" and not result.findings:
            continue
        counts = Counter(finding.severity for finding in result.findings)
        if not result.judged:
            total = cell("not judged", style="yellow")
        else:
            total = cell(str(len(result.findings)) if result.findings else "none")
        numbers = [
            cell(str(counts[s]) if counts[s] else "-", style=SEVERITY_STYLES[s] if counts[s] else "") for s in chosen
        ]
        if not result.judged:
            numbers = [cell("") for _ in chosen]
        rows.append([cell(result.target), cell(result.type or result.kind), total, *numbers])
    return draw(columns, [rows], view.width, view.colour) if rows else []


def _details(result: Result, view: View, explained: set[str]) -> Iterator[list[str]]:
    target = shown(result.target)
    heading = [paint(target, "bold", view.colour), "=" * min(width_of(target), view.width)]
    if result.kind == "secret":  # each stands right below
        yield heading
        yield from secrets(result, view, explained)
        return
    counts = Counter(finding.severity for finding in result.findings)
    told = ", ".join(f"{severity}: {counts[severity]}" for severity in _chosen(view))
    unjudged = "" if result.judged else "; not everything here was judged"
    yield [*heading, f"Total: {len(result.findings)} ({told}){unjudged}"]
    if result.kind == "config":
        yield from misconfigurations(result, view, explained)
        return
    if result.vulnerabilities:
        yield _listed(result.vulnerabilities, view) if view.width < NARROW else _table(result.vulnerabilities, view)
    if view.options.dependency_tree and (tree := origin_tree(result)):
        yield ["Who asks for them (dependency tree, reversed)", *tree]
    if result.suppressed:
        yield _suppressed(result, view)


def _by_package(findings: Iterable[Vulnerability]) -> Iterator[list[Vulnerability]]:
    for _, group in groupby(findings, key=lambda f: (f.package.name, f.package.path, f.installed)):
        yield list(group)


def _table(findings: Sequence[Vulnerability], view: View) -> list[str]:
    columns = [
        Column("Library", 14, 34),
        Column("Vulnerability", 16, 24),
        Column("Severity", 8),
        Column("Status", 8, 19),
        Column("Installed", 10, 24),
        Column("Fixed", 10, 26),
        Column("Title", 30, 90),
    ]
    groups: list[list[Sequence[Cell]]] = []
    for group in _by_package(findings):
        rows: list[Sequence[Cell]] = []
        before: Vulnerability | None = None
        for finding in group:
            same = before is not None
            known = before or finding
            rows.append(
                [
                    () if same else _library(finding),
                    (Line(finding.id), *_marks(finding)),
                    () if same and known.severity == finding.severity else _severity(finding),
                    () if same and known.status == finding.status else cell(finding.status),
                    () if same else cell(finding.installed),
                    cell(finding.fixed),
                    cell(_title(finding, view), finding.primary_url),
                ]
            )
            before = finding
        groups.append(rows)
    return draw(columns, groups, view.width, view.colour)


def _library(finding: Vulnerability) -> Cell:
    path = finding.package.path
    return (Line(finding.package.name, "bold"), *((Line(f"({path})", "dim"),) if path else ()))


def _severity(finding: Vulnerability) -> Cell:
    return cell(finding.severity, style=SEVERITY_STYLES[finding.severity])


def _marks(finding: Vulnerability) -> tuple[Line, ...]:
    """What makes a finding urgent beyond its severity."""
    marks = []
    if finding.malicious:
        marks.append(Line("malicious", "alarm"))
    if is_exploited(finding):
        marks.append(Line("known exploited", "alarm"))
    if finding.details is not None and (finding.details.epss or 0.0) >= LIKELY:
        marks.append(Line(f"EPSS {finding.details.epss or 0.0:.0%}", "red"))
    if finding.tentative:
        marks.append(Line("tentative", "dim"))
    return tuple(marks)


def _title(finding: Vulnerability, view: View) -> str:
    """The title; else the first sentence of the description, else the kinds of weakness."""
    details = finding.details
    if details is None:
        return ""
    text = details.title or details.description.split(". ")[0].split("\n\n")[0]
    if not text:
        text = ", ".join(dict.fromkeys(view.weakness(weakness) or weakness for weakness in details.weaknesses[:2]))
    return text if len(text) <= 160 else text[:157].rstrip() + "…"


def _listed(findings: Sequence[Vulnerability], view: View) -> list[str]:
    """Findings as indented text, for narrow terminals."""
    lines: list[str] = []
    for group in _by_package(findings):
        package = group[0].package
        where = f" ({package.path})" if package.path else ""
        lines += paragraph(f"{package.name} {group[0].installed}{where}", view, 0, "bold")
        for finding in group:
            severity = paint(f"{finding.severity:<8}", SEVERITY_STYLES[finding.severity], view.colour)
            fix = f"fixed in {finding.fixed}" if finding.fixed else finding.status
            marks = "".join(f", {mark.text}" for mark in _marks(finding))
            lines.append(f"  {severity} {shown(f'{finding.id}: {fix}{marks}')}")
            for text in filter(None, (_title(finding, view), finding.primary_url)):
                lines += paragraph(text, view, 11)
    return lines


def _suppressed(result: Result, view: View) -> list[str]:
    columns = [
        Column("Accepted", 14, 24),
        Column("Library", 10, 34),
        Column("Severity", 8),
        Column("Status", 7),
        Column("Why", 12, 60),
        Column("Source", 8, 30),
    ]
    rows = [
        [
            cell(s.finding.id),
            cell(s.finding.package.name),
            _severity(s.finding),
            cell(s.status),
            cell(s.statement or "-"),
            cell(s.source),
        ]
        for s in result.suppressed
        if isinstance(s.finding, Vulnerability)
    ]
    return draw(columns, [rows], view.width, view.colour)


def _verdict(report: Report) -> list[str]:
    """A sentence where tables say nothing: nothing read, or nothing found."""
    kinds = {result.kind for result in report.results} - {"secret"}
    searched = "secret" in report.scanners
    lines = []
    if not kinds and report.scanners != ("secret",):
        looked = "packages were" if "vuln" in report.scanners else "configuration was"
        lines = [f"No {looked} found, so there was nothing to judge."]
    if report.findings or not (kinds or searched):
        return [] if report.findings else lines
    packages = bool(kinds & PACKAGES)
    judged = (report.knowledge is not None or not packages) and all(result.judged for result in report.results)
    problems = [problem for problem in report.problems if not problem.caution]
    if not judged or any(problem.fatal for problem in problems) or (searched and problems):
        could = " and ".join(["judged"] * bool(kinds) + ["searched"] * searched)
        return [*lines, f"Nothing was found in what could be {could}; not everything could."]
    what = ["known vulnerabilities"] * packages + ["misconfigurations"] * ("config" in kinds) + ["secrets"] * searched
    found = " and no ".join([", no ".join(what[:-1]), what[-1]] if what[1:] else what)
    return [*lines, f"No {found} of the chosen kinds{' in what could be read' if report.problems else ''}."]


def _advice(report: Report, view: View) -> list[str]:
    advice = view.advice
    if not advice.actions:
        return []
    lines = [paint("What to do first", "bold", view.colour)]
    told: set[str] = set()
    for number, action in enumerate(advice.actions[:STEPS], 1):
        # How to revoke secrets of one kind is said once, however many files they are in.
        again = action.kind == "revoke" and action.standing in ("", "active") and action.to in told
        first, *rest = wrap(describe(replace(action, to="") if again else action), max(view.width - 5, 20))
        lines += [f"{number:>3}. {first}", *(f"     {line}" for line in rest)]
        told.add(action.to)
    shown = advice.actions[:STEPS]
    removed = sum(action.findings for action in shown)
    if removed:
        more = len(advice.actions) - len(shown)
        does, would = (
            ("settles", "settle") if any(a.kind == "revoke" for a in advice.actions) else ("removes", "remove")
        )
        text = f"This {does} {removed} of {advice.total} findings"
        text += f"; {more} more step{'s' if more > 1 else ''} would {would} {advice.mended - removed}" if more else ""
        left = advice.total - advice.mended
        lines += paragraph(f"{text}; {left} cannot be mended by an upgrade yet." if left else f"{text}.", view)
    return lines


def _problems(report: Report, view: View) -> list[str]:
    if not report.problems:
        return []
    lines = [paint("What could not be read or judged", "bold", view.colour)]
    ordered = sorted(report.problems, key=lambda p: not p.fatal)
    for problem in ordered[:PROBLEMS]:
        text = f"{problem.where}: {problem.what}" + (f" ({problem.hint})" if problem.hint else "")
        first, *rest = wrap(text, max(view.width - 4, 20))
        style = "alarm" if problem.fatal else ""
        lines += [
            f"  - {paint(first, style, view.colour)}",
            *(f"    {paint(line, style, view.colour)}" for line in rest),
        ]
    if len(ordered) > PROBLEMS:
        lines.append(f"  and {len(ordered) - PROBLEMS} more, which --format json lists")
    return lines
