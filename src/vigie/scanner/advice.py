"""What to do first: the few steps that remove most findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Literal

from msgspec import Struct

from vigie.model.advisory import SEVERITIES
from vigie.model.finding import Vulnerability
from vigie.model.misconfiguration import Misconfiguration
from vigie.model.report import Report, Result
from vigie.model.secret import Secret
from vigie.scanner.ancestry import askers, chosen_by

Key = Callable[[str], Any]
"""Turns a version's text into a value that sorts; raises ValueError for a text that is no version."""


Standing = Literal["", "active", "inactive", "doubtful"]


class Action(Struct, frozen=True, kw_only=True):
    """One step.

    kind: `revoke` (secrets of one rule in one file; `name` is the rule, `to` what to do), `base` (move to a supported
    release of the system), `remove` (a malicious package), `upgrade`, or `configure` (one place of the configuration,
    or one check; `name` is the check, `to` how to mend it).
    packages: all names that move together; name: what they are called by, their source package for a distribution.
    to: the smallest version that mends all that can be mended. findings: how many that removes.
    step, step_findings: the best version that stays within the installed major version, when `to` does not.
    via: direct dependencies that bring the package in.
    standing: of secrets, `active` and `inactive` when their provider said so, `doubtful` when the confidence is low.
    urgent: comes before everything else.
    """

    kind: Literal["revoke", "base", "remove", "upgrade", "configure"]
    type: str
    name: str
    packages: tuple[str, ...] = ()
    installed: str = ""
    to: str = ""
    findings: int = 0
    severities: dict[str, int] = {}
    exploited: int = 0
    step: str = ""
    step_findings: int = 0
    targets: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    standing: Standing = ""
    urgent: bool = False


class Advice(Struct, frozen=True):
    """Steps, the most useful first. total: findings of the report; mended: those the steps remove."""

    actions: tuple[Action, ...]
    total: int
    mended: int


class _Group(Struct):
    """Findings of packages that one upgrade mends together."""

    type: str
    name: str
    installed: str
    findings: list[Vulnerability]
    targets: dict[str, None]
    via: set[str]


def advise(report: Report, key_of: Callable[[str], Key | None]) -> Advice:
    """Makes the advice. key_of: from a result's type to its versions' order; None where there is none, then numbers
    inside the texts decide."""
    actions: list[Action] = []
    for group in _groups(report.results):
        actions.extend(_remove(group))
        actions.extend(_upgrade(group, key_of(group.type)))
    actions.extend(_configure(report.results))
    actions.extend(_revoke(report.results))
    actions.sort(key=_usefulness)
    mended = sum(action.findings for action in actions)
    if report.end_of_life and report.system is not None:
        system = f"{report.system.family} {report.system.name}"
        urgent = sum(action.urgent for action in actions)
        actions.insert(urgent, Action(kind="base", type=report.system.family, name=system))
    return Advice(tuple(actions), len(report.findings), mended)


def _groups(results: Iterable[Result]) -> Iterator[_Group]:
    groups: dict[tuple[str, str, str], _Group] = {}
    for result in results:
        above = askers(result.packages) if result.vulnerabilities and result.kind == "lang-pkgs" else {}
        by_id = {p.id: p for p in result.packages if p.id} if above else {}
        for finding in result.vulnerabilities:
            package = finding.package
            name = package.source.name if package.source and package.source.name else package.name
            key = (result.type, name, finding.installed)
            group = groups.setdefault(key, _Group(result.type, name, finding.installed, [], {}, set()))
            group.findings.append(finding)
            group.targets[result.target] = None
            if by_id:
                group.via.update(chosen_by(package.id, by_id, above))
    yield from groups.values()


def _remove(group: _Group) -> Iterator[Action]:
    malicious = [finding for finding in group.findings if finding.malicious]
    if malicious:
        yield _action("remove", group, malicious)


def _upgrade(group: _Group, key: Key | None) -> Iterator[Action]:
    """The upgrade of one group; nothing when nothing in it has a fix."""
    findings = [finding for finding in group.findings if finding.fixed and not finding.malicious]
    fixes = {id(finding): tuple(filter(None, finding.fixed.split(", "))) for finding in findings}
    versions = {version for texts in fixes.values() for version in texts}
    order = _order(key, {*versions, group.installed})
    above = sorted((v for v in versions if order[v] > order[group.installed]), key=lambda v: (order[v], v))
    if not above:
        return

    mended = {v: [finding for finding in findings if mends(v, fixes[id(finding)], order)] for v in above}
    best = max(above, key=lambda version: len(mended[version]))  # of equally good ones the first, the smallest
    near = [v for v in above if _numbers(v)[:1] == _numbers(group.installed)[:1] and mended[v]]
    step = max(near, key=lambda version: len(mended[version]), default="")
    crosses = step != "" and _numbers(best)[:1] != _numbers(group.installed)[:1]
    yield _action("upgrade", group, mended[best], best, (step, len(mended[step])) if crosses else ("", 0))


def _configure(results: Iterable[Result]) -> Iterator[Action]:
    """One step for each check: its places are mended alike, and a place in a module mends all who call it."""
    by_check: dict[str, list[tuple[str, Misconfiguration]]] = {}
    for result in results:
        for finding in result.misconfigurations:
            by_check.setdefault(finding.id, []).append((result.target, finding))
    for id_, found in by_check.items():
        places = tuple(dict.fromkeys(f"{target}:{f.start}" if f.start else target for target, f in found))
        severity = found[0][1].severity
        yield Action(
            kind="configure",
            type=found[0][1].type,
            name=id_,
            to=found[0][1].resolution,
            findings=len(found),
            severities={severity: len(found)},
            targets=places,
        )


def _revoke(results: Iterable[Result]) -> Iterator[Action]:
    """One step for each rule and file: whoever goes there deals with all of them. Those that work are one of their
    own."""
    found: dict[tuple[str, str, Standing], list[Secret]] = {}
    for result in results:
        for finding in result.secrets:
            found.setdefault((result.target, finding.id, _standing(finding)), []).append(finding)
    for (target, id_, standing), secrets in found.items():
        first = secrets[0]
        sure = standing == "" and any(one.confidence == "high" for one in secrets)
        yield Action(
            kind="revoke",
            type=first.title,
            name=id_,
            to=first.fix,
            findings=len(secrets),
            severities={first.severity: len(secrets)},
            targets=tuple(dict.fromkeys(f"{target}:{one.start}" if one.start else target for one in secrets)),
            standing=standing,
            urgent=standing == "active" or (sure and first.severity == "CRITICAL"),
        )


def _standing(finding: Secret) -> Standing:
    if finding.verified in ("active", "inactive"):
        return finding.verified
    return "doubtful" if finding.confidence == "low" else ""


def _action(
    kind: Literal["remove", "upgrade"],
    group: _Group,
    findings: Sequence[Vulnerability],
    to: str = "",
    step: tuple[str, int] = ("", 0),
) -> Action:
    severities = {s: sum(f.severity == s for f in findings) for s in reversed(SEVERITIES)}
    return Action(
        kind=kind,
        type=group.type,
        name=group.name,
        packages=tuple(sorted({finding.package.name for finding in group.findings})),
        installed=group.installed,
        to=to,
        findings=len(findings),
        severities={s: n for s, n in severities.items() if n},
        exploited=sum(is_exploited(f) for f in findings),
        step=step[0],
        step_findings=step[1],
        targets=tuple(group.targets),
        via=tuple(sorted(group.via)),
    )


def is_exploited(finding: Vulnerability) -> bool:
    """Whether it is known to be exploited."""
    return finding.details is not None and finding.details.exploited


def mends(version: str, fixes: Sequence[str], order: dict[str, Any]) -> bool:
    """Whether `version` is mended when the fix came out as `fixes`, one for each maintained branch.

    Above all fixes it is. Between two, it is when it stands on the lower fix's branch: when it shares more leading
    numbers with a fix below than with the next one above (1.3.0 with fixes 1.2.9 and 2.0.3; not 2.0.1).
    """
    below = [fix for fix in fixes if order[fix] <= order[version]]
    above = [fix for fix in fixes if order[fix] > order[version]]
    if not below:
        return False
    if not above:
        return True
    following = min(above, key=lambda fix: order[fix])
    return max(_shared(version, fix) for fix in below) > _shared(version, following)


def _numbers(version: str) -> list[str]:
    return re.findall(r"\d+", version)


def _shared(one: str, other: str) -> int:
    count = 0
    for a, b in zip(_numbers(one), _numbers(other), strict=False):
        if a != b:
            break
        count += 1
    return count


def _order(key: Key | None, versions: Iterable[str]) -> dict[str, Any]:
    """Sort keys of versions; by the numbers in them when any is no version to `key`."""
    if key is not None:
        with suppress(ValueError):
            return {version: key(version) for version in versions}
    return {version: _natural(version) for version in versions}


def _natural(version: str) -> list[tuple[int, int, str]]:
    return [(1, int(p), "") if p.isdigit() else (0, 0, p) for p in re.findall(r"[0-9]{1,18}|[A-Za-z]+", version)]


def _usefulness(action: Action) -> tuple[Any, ...]:
    """Most useful first: secrets that work or surely are some, malicious packages, known exploited, critical, high,
    then the number of findings; last secrets that may be none, or no longer work."""
    count = action.severities.get
    return (
        not action.urgent,
        action.standing != "active",
        {"doubtful": 1, "inactive": 2}.get(action.standing, 0),
        action.kind != "remove",
        -action.exploited,
        -count("CRITICAL", 0),
        -count("HIGH", 0),
        -action.findings,
        action.name,
        action.installed,
    )


def describe(action: Action) -> str:
    """The step as a sentence."""
    if action.kind == "base":
        return f"Move to a supported release: {action.name} gets no security fixes any more"
    if action.kind == "remove":
        return f"Remove {action.name} {action.installed}: it is malicious, treat what ran it as compromised"
    shown = ", ".join(action.targets[:3]) + (f" and {len(action.targets) - 3} more" * (len(action.targets) > 3))
    if action.kind == "revoke":
        return _revoked(action, shown)
    if action.kind == "configure":
        severity = next(iter(action.severities)).lower()
        many = f"{action.findings} {severity} finding{'s' if action.findings != 1 else ''}"
        return f"Mend {action.name} in {shown}: removes {many}. {action.to}"
    others = [name for name in action.packages if name != action.name]
    names = f" ({', '.join(others[:4])}{', …' if len(others) > 4 else ''})" if others else ""
    weights = [f"{n} {s.lower()}" for s, n in action.severities.items() if s in ("CRITICAL", "HIGH")]
    weights += [f"{action.exploited} known exploited"] if action.exploited else []
    many = f"{action.findings} finding{'s' if action.findings != 1 else ''}"
    text = f"Upgrade {action.name}{names} {action.installed} → {action.to}: removes {many}"
    text += f" ({', '.join(weights)})" if weights else ""
    text += f"; {action.step}, of the same major version, removes {action.step_findings}" if action.step else ""
    return text + (
        f"; it comes in through {', '.join(action.via[:4])}{', …' if len(action.via) > 4 else ''}" if action.via else ""
    )


def _revoked(action: Action, places: str) -> str:
    secret = "the secret" if action.findings == 1 else f"{action.findings} secrets"
    if action.standing == "inactive":
        return f"Take {secret} out of {places} ({action.type}): the provider no longer accepts what stands there"
    if action.standing == "doubtful":
        return f"Look whether {places} really holds a secret ({action.type}). If so: {action.to or 'revoke it'}"
    works = ", still active" if action.standing == "active" else ""
    return f"Revoke {secret} in {places} ({action.type}{works})" + (f": {action.to}" if action.to else "")
