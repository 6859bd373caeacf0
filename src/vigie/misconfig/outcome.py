"""The outcome of one unit, as plain values: what goes from the process that judged it to the one that reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from vigie.misconfig.check import Check
from vigie.misconfig.code import excerpt
from vigie.misconfig.ignore import Ignores
from vigie.misconfig.judge import Judgement
from vigie.misconfig.language import Language, Project
from vigie.misconfig.value import Cause
from vigie.model.inventory import Problem
from vigie.model.misconfiguration import CodeLine, Misconfiguration, Occurrence, Origin

MOST_OCCURRENCES = 50
AVD = "https://avd.aquasec.com/misconfig/"
"""Where the field looks checks up; readers of reports know the address by its form."""


class Placed(Struct, frozen=True):
    """A finding and its target. statement: why it does not count, source: the `file:line` that says so."""

    target: str
    finding: Misconfiguration
    statement: str = ""
    source: str = ""


class Outcome(Struct):
    """What one unit gave. checks: those that had something to judge; passed: those of them that found nothing, or
    nothing in one of the unit's documents; lost: those that can be no pass, since they found something or could not
    decide."""

    path: str
    language: str
    target: str
    type: str
    findings: list[Placed] = []
    checks: list[str] = []
    passed: list[str] = []
    lost: list[str] = []
    problems: list[Problem] = []
    files: tuple[str, ...] = ()


class _Shown(NamedTuple):
    """What findings at one cause show of it."""

    code: tuple[CodeLine, ...]
    occurrences: tuple[Occurrence, ...]
    origins: tuple[Origin, ...]


def outcome(  # noqa: PLR0917
    path: str,
    project: Project,
    language: Language,
    judgement: Judgement,
    texts: Callable[[str], bytes | None],
    rendered: bool,
) -> Outcome:
    """The outcome of a judged project. texts: files of the tree, by path; rendered: with the causes' resolved text."""
    ignores = Ignores(language, project, texts)
    placed: dict[tuple[object, ...], Placed] = {}
    failed: dict[str, list[Cause]] = {}
    shown: dict[int, _Shown] = {}  # several checks object to the same place
    for check, flaw in judgement.verdicts:
        cause = flaw.cause
        if id(cause) not in shown:
            shown[id(cause)] = _Shown(
                excerpt(ignores.lines(cause.path), cause), tuple(_occurrences(cause)), _origins(project, cause)
            )
        at = shown[id(cause)]
        failed.setdefault(check.id, []).append(cause)
        target = cause.path
        finding = replace(
            passed(check, language.title),
            status="FAIL",
            message=flaw.message,
            resource=cause.outermost.name,
            start=cause.start,
            end=cause.end,
            code=at.code,
            occurrences=at.occurrences,
            origins=at.origins,
            rendered=project.render(cause) if rendered and project.render is not None else "",
        )
        ignored = ignores.match(check, cause)
        key = (target, check.id, flaw.message, finding.start, finding.end, finding.resource, finding.occurrences)
        placed.setdefault(key, Placed(target, finding, *(ignored or ())))
    checks = [check.id for check in judgement.applied]
    lost = judgement.undecided | {id_ for id_, causes in failed.items() if not _passes(project.inputs, causes)}
    return Outcome(
        path,
        language.name,
        project.target,
        project.type or language.name,
        list(placed.values()),
        checks,
        [id_ for id_ in checks if id_ not in lost],
        sorted(lost),
        judgement.problems,
    )


@cache
def passed(check: Check, title: str) -> Misconfiguration:
    """That a check found nothing in a language: what all its findings have in common."""
    namespace = namespace_of(check)
    return Misconfiguration(
        type=f"{title} Security Check",
        id=check.id,
        names=check.names,
        title=check.title,
        description=check.why,
        message="No issues found",
        resolution=check.fix,
        severity=check.severity,
        provider=PROVIDERS.get(check.provider, check.provider.title()),
        service=check.service,
        namespace=namespace,
        query=f"data.{namespace}.deny",
        primary_url=AVD + check.id.lower(),
        references=(*check.references, AVD + check.id.lower()),
        status="PASS",
    )


PROVIDERS: Mapping[str, str] = {
    "aws": "AWS",
    "digitalocean": "Digital Ocean",
    "github": "GitHub",
    "openstack": "OpenStack",
    "cloudstack": "Cloudstack",
}
"""How reports spell providers; others in title case."""


def namespace_of(check: Check) -> str:
    """The package that the field knows a check by."""
    number = check.id.replace("-", "")
    if check.provider in ("dockerfile", "kubernetes"):
        short = next((alias for alias in check.aliases if alias[-1:].isdigit()), number)
        return f"builtin.{check.provider}.{short}"
    return f"builtin.{check.provider}.{check.service.replace('-', '')}.{number.lower()}"


def _occurrences(cause: Cause) -> Iterable[Occurrence]:
    parent, count = cause.parent, 0
    while parent is not None and count < MOST_OCCURRENCES:
        yield Occurrence(parent.name, parent.path, parent.start, parent.end)
        parent, count = parent.parent, count + 1


def _origins(project: Project, cause: Cause) -> tuple[Origin, ...]:
    if project.origins is None:
        return ()
    return tuple(Origin(o.name, o.path, o.start, o.end) for o in project.origins(cause))


def _passes(inputs: Sequence[Cause], causes: Sequence[Cause]) -> bool:
    """Whether a check that found something in one document of a file found nothing in another."""
    return any(
        not any(document.start <= cause.start <= document.end for cause in causes) for document in inputs[: 1 << 12]
    )
