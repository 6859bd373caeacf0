"""Judging one unit: its project's resources become the model, and each check is tried on each object it is about.

A check that raises, or that asked about unknown values and found nothing, is a problem of that one object; it silences
nothing else and never counts as passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from vigie.misconfig import catalog
from vigie.misconfig.check import Check, Flaw
from vigie.misconfig.language import Project
from vigie.misconfig.resource import Resource
from vigie.misconfig.value import Cause, doubts, hidden
from vigie.model.inventory import Problem

MOST_FLAWS = 10_000
"""Findings of one check in one unit; more come from input made for it."""

MOST_HIDDEN = 200
"""Sensitive values that messages are searched for; with more of them, messages are general."""


class Verdict(NamedTuple):
    """A check's flaw."""

    check: Check
    flaw: Flaw


class Judgement(Struct):
    """What the checks say of one project. applied: the checks that had something to judge; undecided: those of them
    that could not decide about some object."""

    verdicts: list[Verdict] = []
    applied: list[Check] = []
    undecided: set[str] = set()
    problems: list[Problem] = []


class Chosen(Struct, frozen=True):
    """Which checks run. frameworks: a check runs when it belongs to one of them."""

    frameworks: frozenset[str] = frozenset({"default"})
    deprecated: bool = False

    def __contains__(self, check: object) -> bool:
        return (
            isinstance(check, Check)
            and (self.deprecated or not check.deprecated)
            and not self.frameworks.isdisjoint(check.frameworks)
        )


def judge(project: Project, chosen: Chosen) -> Judgement:
    """Tries all chosen checks on a project."""
    judgement = Judgement()
    doubted: dict[tuple[str, int, str], list[str]] = {}
    hidden.clear()
    model, owners = _model(project, judgement)
    for owner in owners:
        for check in catalog.checks(owner):
            if check not in chosen:
                continue
            if project.applicable is not None and check.id not in project.applicable:
                continue
            extra = [_service(model, path) for path in check.needs]
            judgement.applied.append(check)
            for target in _objects(project, model, check):
                _try(check, target, extra, judgement, doubted)
    if hidden:
        judgement.verdicts = [_discreet(one) for one in judgement.verdicts]
    # last, since languages may evaluate what checks ask for when they ask, and find more of them
    judgement.problems[:0] = project.problems
    judgement.problems += _doubts(doubted)
    return judgement


def _discreet(verdict: Verdict) -> Verdict:
    """The verdict without the texts of sensitive values in its message."""
    if len(hidden) > MOST_HIDDEN:
        what = f"{verdict.check.title} (more is not shown: too many values here are sensitive)"
        return Verdict(verdict.check, verdict.flaw._replace(message=what))
    message = verdict.flaw.message
    for secret in sorted(hidden, key=len, reverse=True):
        message = message.replace(secret, "(sensitive)")
    return Verdict(verdict.check, verdict.flaw._replace(message=message))


def _model(project: Project, judgement: Judgement) -> tuple[dict[str, Resource], list[str]]:
    """The filled services by path, and whose checks are to be tried."""
    model: dict[str, Resource] = {}
    graph = project.graph
    owners = sorted({path.partition(".")[0] for path in project.objects})
    if graph is None:
        return model, owners
    for path in catalog.services(graph.format, graph.types()):
        if path not in catalog.index().modules:
            continue  # no check asks for it
        service = catalog.service(path)
        adapter = getattr(service, graph.format)
        try:
            model[path] = adapter.fill(graph)
        except RecursionError:
            judgement.problems.append(Problem(project.target, f"{path} is nested too deeply to be judged"))
        except Exception as error:
            what = f"resources of {path} could not be understood: {type(error).__name__}: {error}"
            judgement.problems.append(Problem(project.target, what[:500], "please report this; the rest was judged"))
    return model, [*model, *owners]


def _service(model: Mapping[str, Resource], path: str) -> Resource:
    """A service by path, empty when nothing fills it here."""
    return model.get(path) or catalog.service(path).model()


def _objects(project: Project, model: Mapping[str, Resource], check: Check) -> Iterator[Any]:
    """The objects a check is about, each once."""
    seen: set[int] = set()
    for path in check.paths:
        if path in project.objects:
            yield from project.objects[path]
            continue
        provider, service, *rest = path.split(".")
        root = model.get(f"{provider}.{service}")
        for target in _walk([root] if root is not None else [], rest):
            if id(target) not in seen:
                seen.add(id(target))
                yield target


def _walk(level: Iterable[Any], names: Sequence[str]) -> Iterable[Any]:
    for name in names:
        below: list[Any] = []
        for target in level:
            value = getattr(target, name)
            if isinstance(value, list):
                below += value
            elif value is not None:
                below.append(value)
        level = below
    return level


def _try(
    check: Check,
    target: Any,
    extra: Sequence[Resource],
    judgement: Judgement,
    doubted: dict[tuple[str, int, str], list[str]],
) -> None:
    """One check on one object."""
    doubts.clear()
    count = 0
    try:
        for found in check.run(target, *extra):
            if not found.cause.managed:
                continue
            count += 1
            judgement.verdicts.append(Verdict(check, found))
            if count >= MOST_FLAWS:
                judgement.problems.append(
                    Problem(
                        _where(found.cause), f"{check.id} found more than {MOST_FLAWS} things; the rest is left out"
                    )
                )
                return
    except Exception as error:
        cause = getattr(target, "cause", None)
        where = _where(cause) if isinstance(cause, Cause) and cause.start else "the configuration"
        judgement.undecided.add(check.id)
        judgement.problems.append(
            Problem(where, f"{check.id} failed: {type(error).__name__}: {error}"[:500], "please report this")
        )
        return
    if count == 0 and doubts:
        judgement.undecided.add(check.id)
        cause = doubts[0].cause
        doubted.setdefault((cause.path, cause.start, cause.name), []).append(check.id)


def _where(cause: Cause) -> str:
    return f"{cause.path}:{cause.start}" if cause.start else cause.path


def _doubts(doubted: Mapping[tuple[str, int, str], Iterable[str]]) -> Iterator[Problem]:
    """One problem for each value that is not known, naming the checks it kept from deciding."""
    for (file, start, name), ids in doubted.items():
        subject = f"the value of {name}" if re.fullmatch(r"[\w.\[\]\"-]+", name) else "a value"
        checks = ", ".join(dict.fromkeys(ids))
        yield Problem(f"{file}:{start}" if start else file, f"{subject} is not known here: {checks} could not decide")
