"""Secrets for people: what was found, what whoever has it can do, where to revoke it, and the masked lines.

    CRITICAL github-pat  GitHub personal access token
      Whoever has it acts as the user in every repository …
      What to do: Delete it at github.com/settings/tokens …
      https://docs.github.com/…

      deploy/.env:3:14 (confidence high: its checksum is right)
        in the layer of COPY . /app
        deleted or replaced by a later layer (RUN rm /app/.env), but still in the image
          2   NAME=app
          3 ▌ GITHUB_TOKEN=****************************************
          4   DEBUG=1

Why and what to do are said once for each rule in the whole report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby

from vigie.formats.excerpt import (
    EXCERPTS,
    PLACES,
    excerpt,
    explanation,
    heading,
    more_places,
    paragraph,
    shortened,
)
from vigie.formats.grid import paint
from vigie.model.advisory import SEVERITIES
from vigie.model.artifact import LayerReference
from vigie.model.finding import Suppressed
from vigie.model.misconfiguration import CodeLine
from vigie.model.report import Result
from vigie.model.secret import CommitSeen, Secret
from vigie.scanner.writer import View

SET_APART = 20
"""Reasons for not counting what was found that are shown of one file."""
LINES = 5
COMMAND = 160
"""Characters shown of the command that made a layer."""
DIGITS = 12
"""Of a commit's id or a layer's digest: enough to find it by."""

VERIFIED = {
    "active": ("verified: the provider accepts it", "alarm"),
    "inactive": ("verified: the provider no longer accepts it", ""),
    "unknown": ("not verified: the provider did not say whether it works", ""),
}


def secrets(result: Result, view: View, explained: set[str]) -> Iterator[list[str]]:
    """Blocks of lines: one for each rule, with all its places below each other. explained: rules that were."""
    by_rule: dict[str, list[Secret]] = {}
    for finding in sorted(result.secrets, key=lambda f: (-SEVERITIES.index(f.severity), f.start, f.offset)):
        by_rule.setdefault(finding.id, []).append(finding)
    for id_, findings in by_rule.items():
        yield list(_rule(findings, view, id_ not in explained))
        explained.add(id_)
    if result.suppressed:
        yield [paint("Set apart", "bold", view.colour), *_set_apart(result.suppressed, view)]


def _rule(findings: list[Secret], view: View, explain: bool) -> Iterator[str]:
    first = findings[0]
    yield from heading(first.severity, first.id, first.title, view)
    if explain:
        yield from explanation(first.why, first.fix, first.url, view, "What to do")
    excerpts = EXCERPTS
    groups = [
        list(group) for _, group in groupby(findings[:PLACES], key=lambda f: (f.origin, sureness(f), list(told(f))))
    ]
    for number, group in enumerate(groups):
        if explain or number:
            yield ""
        yield from _places(group, view, excerpts)
        excerpts = max(excerpts - len(group), 0)
    if len(findings) > PLACES:
        yield from more_places(len(findings) - PLACES)


def _places(findings: list[Secret], view: View, excerpts: int) -> Iterator[str]:
    """Places of which the same is known: where they are, what is known, the lines of the first ones."""
    first = findings[0]
    more = "".join(f", {one.start}:{one.start_column}" for one in findings[1:])
    what = f"{first.origin}, " if first.origin else ""
    # a file that is found by its path has no lines
    place = f"{first.path}:{first.start}:{first.start_column}{more}" if first.start else first.path
    yield from paragraph(f"{place} ({what}{sureness(first)})", view)
    for text, style in told(first):
        yield from paragraph(text, view, 4, style)
    yield from excerpt(_together(findings[:excerpts]), first.severity, view)


def _together(findings: Iterable[Secret]) -> Iterator[CodeLine]:
    """The excerpts of several places as one, each line once."""
    lines: dict[int, CodeLine] = {}
    for finding in findings:
        for line in shortened(finding.code):
            if line.number not in lines or line.is_cause:
                lines[line.number] = line
    before = 0
    for number in sorted(lines):
        if before and number > before + 1 and not lines[number].truncated:
            yield CodeLine(number, truncated=True)
        yield lines[number]
        before = 0 if lines[number].truncated else number


def sureness(finding: Secret) -> str:
    """How sure it is that this is a secret, and why."""
    written = f", written in {finding.decoded}" if finding.decoded else ""
    return f"confidence {finding.confidence}: {finding.reason}{written}"


def told(finding: Secret) -> Iterator[tuple[str, str]]:
    """What else is known, as texts and their styles: whether it works, what belongs to it, how it came there."""
    if finding.verified:
        yield VERIFIED[finding.verified]
    for line in (*_known(finding), *_origin(finding)):
        yield line, "dim"
    if finding.deleted_by is not None:
        yield f"deleted or replaced by a later layer ({_made_by(finding.deleted_by)}), but still in the image", ""


def _known(finding: Secret) -> Iterator[str]:
    """What belongs to the secret without being secret."""
    facts = [("id", finding.key_id), *finding.facts.items()]
    known = [f"{name} {_fact(name, value)}" for name, value in facts if value and value not in finding.reason]
    if known:
        yield ", ".join(known)
    for part in finding.parts:
        yield f"with {part.rule} ({part.title}) in line {part.start}"


def _fact(name: str, value: str) -> str:
    """The value; a moment that a token counts in seconds as a day."""
    if name == "expires" and value.isascii() and value.isdigit():
        try:
            return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%d")
        except (ValueError, OverflowError, OSError):
            pass
    return value


def _origin(finding: Secret) -> Iterator[str]:
    """The layer, or the commits, that it came with."""
    if finding.layer is not None:
        yield f"in the layer of {_made_by(finding.layer)}"
    if finding.seen is not None:
        yield from _history(finding.seen)


def _made_by(layer: LayerReference) -> str:
    """The command that made a layer; its digest when the history does not tell."""
    command = " ".join(layer.created_by.split())
    if not command:
        return (layer.digest or layer.diff_id).removeprefix("sha256:")[:DIGITS]
    return command if len(command) <= COMMAND else command[: COMMAND - 1] + "…"


def _history(seen: CommitSeen) -> Iterator[str]:
    by = f" by {seen.author}" if seen.author else ""
    address = f" <{seen.email}>" if seen.email else ""
    subject = f": {seen.subject}" if seen.subject else ""
    line = f", line {seen.line}," if seen.line else ""
    yield f"first in commit {_commit(seen.commit, seen.date)}{line}{by}{address}{subject}"
    if seen.last and seen.last != seen.commit:
        yield f"last in commit {_commit(seen.last, seen.last_date)}"
    if not seen.present:
        yield "no longer in the tips that were searched, but still in the history"


def _commit(id_: str, date: str) -> str:
    return f"{id_[:DIGITS]} of {date[:10]}" if date else id_[:DIGITS]


def _set_apart(suppressed: Iterable[Suppressed], view: View) -> Iterator[str]:
    """What was found and does not count, by rule and reason."""
    reasons: dict[tuple[str, str, str], list[int]] = {}
    for one in suppressed:
        if isinstance(one.finding, Secret):
            reason = one.finding.id, one.statement or one.status.replace("_", " "), one.source
            reasons.setdefault(reason, []).append(one.finding.start)
    for (id_, why, source), found in list(reasons.items())[:SET_APART]:
        lines = [line for line in dict.fromkeys(found) if line]
        numbers = ", ".join(map(str, lines[:LINES])) + (f" and {len(lines) - LINES} more" * (len(lines) > LINES))
        where = f" in line{'s' if len(lines) > 1 else ''} {numbers}" if lines else ""
        yield from paragraph(f"{id_}{where}: {why} ({source})", view)
    if len(reasons) > SET_APART:
        yield from more_places(sum(len(found) for found in list(reasons.values())[SET_APART:]))
