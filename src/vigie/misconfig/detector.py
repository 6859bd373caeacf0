"""The detector: files of configuration become results. Read this first.

configurations ─▶ languages split them into units ─▶ each unit is loaded, judged (`judge.py`) and forgotten,
in as many processes as there are cores ─▶ outcomes ─▶ results by target, and problems
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vigie.errors import UsageError, VigieError
from vigie.misconfig import catalog
from vigie.misconfig.ahead import load_ahead
from vigie.misconfig.files import ScannedFiles
from vigie.misconfig.judge import Chosen, judge
from vigie.misconfig.language import Files, Language, Unit
from vigie.misconfig.outcome import Outcome, outcome, passed
from vigie.misconfig.workers import run_all
from vigie.model.artifact import LayerReference
from vigie.model.finding import Suppressed
from vigie.model.inventory import Configuration, Problem
from vigie.model.misconfiguration import Misconfiguration
from vigie.model.report import Judged, Result
from vigie.scanner.analyzer import Tree
from vigie.settings.groups import MisconfigOptions


def detect(
    configurations: Sequence[Configuration],
    tree: Tree | None,
    languages: Iterable[Language],
    options: MisconfigOptions,
    deadline: float = 0.0,
) -> Judged:
    """Judges configuration. tree: the folder behind it, None for layers. deadline: by `time.monotonic`, 0 for none.

    Raises UsageError for files of options that are wrong; whatever is wrong with what is scanned is a problem.
    """
    files = ScannedFiles(configurations, tree)
    known = {one.name: one for one in languages if one.name in options.languages or not one.globs}
    problems: list[Problem] = []
    units: list[Unit] = []
    for language in known.values():
        if not files.paths(language.name):
            continue
        try:
            units += language.split(files)
        except (ValueError, OSError, RecursionError) as error:
            problems.append(Problem(language.title, f"files could not be sorted: {error}", fatal=True))
    for name in {unit.language for unit in units}:
        if (prepare := known[name].prepare) is not None:
            prepare(options)
    chosen = Chosen(deprecated=options.include_deprecated)

    def work(unit: Unit) -> Outcome:
        return judge_unit(unit, known[unit.language], files, options, chosen)

    outcomes = run_all(work, units, deadline, lambda: load_ahead(units, known, files, options))
    layers = {file.path: file.layer for file in configurations if file.layer is not None}
    return Judged(_results(outcomes, known, layers), (*problems, *(p for o in outcomes for p in o.problems)))


def judge_unit(unit: Unit, language: Language, files: Files, options: MisconfigOptions, chosen: Chosen) -> Outcome:
    """Loads and judges one unit. Raises UsageError only."""
    try:
        project = language.load(unit, files, options)
        judgement = judge(project, chosen)
        if options.exclude_downloaded:  # what has a module's source in front of it is from elsewhere
            judgement.verdicts = [verdict for verdict in judgement.verdicts if not verdict.flaw.cause.prefix]
        return outcome(unit.path, project, language, judgement, files.read, "terraform" in options.render_cause)
    except UsageError:
        raise
    except RecursionError:
        what, hint = "is nested too deeply", ""
    except MemoryError:
        what, hint = "takes more memory than there is", ""
    except (VigieError, ValueError, OSError) as error:
        what, hint = f"could not be read: {error}", getattr(error, "hint", "")
    except Exception as error:
        what, hint = f"could not be judged: {type(error).__name__}: {error}", "please report this"
    return Outcome(unit.path, unit.language, unit.path, unit.language, problems=[Problem(unit.path, what[:500], hint)])


def _results(
    outcomes: Sequence[Outcome], languages: Mapping[str, Language], layers: Mapping[str, LayerReference | None]
) -> tuple[Result, ...]:
    """One result for each language and target."""
    found: dict[tuple[str, str], _Gathered] = {}
    applicable: dict[str, set[str]] = {}
    for one in outcomes:
        applicable.setdefault(one.type, set()).update(one.checks)
    passes = _Passes(languages, outcomes)
    for one in outcomes:
        for placed in one.findings:
            gathered = found.setdefault((placed.target, one.type), _Gathered())
            layer = layers.get(placed.target)
            finding = msgspec.structs.replace(placed.finding, layer=layer) if layer else placed.finding
            if placed.source:
                gathered.suppressed.append(Suppressed(finding, "ignored", placed.statement, placed.source))
            else:
                gathered.findings.append(finding)
        language = languages.get(one.language)
        clean = applicable[one.type].difference(one.lost) if language and language.batch and one.checks else one.passed
        if clean:
            found.setdefault((one.target, one.type), _Gathered()).passed.update(clean)
    return tuple(
        Result(
            target=target,
            kind="config",
            type=type_,
            findings=tuple(gathered.findings),
            suppressed=tuple(gathered.suppressed),
            passes=tuple(passes.of(id_, type_) for id_ in sorted(gathered.passed)),
        )
        for (target, type_), gathered in sorted(found.items(), key=lambda entry: entry[0])
    )


class _Gathered:
    """What belongs to one result."""

    def __init__(self) -> None:
        self.findings: list[Misconfiguration] = []
        self.suppressed: list[Suppressed] = []
        self.passed: set[str] = set()


class _Passes:
    """Passes by check and type of result; results share them."""

    def __init__(self, languages: Mapping[str, Language], outcomes: Sequence[Outcome]) -> None:
        # the type of results is not always the language's name: that of plans as JSON is `terraformplan`
        self._titles = {one.type: languages[one.language].title for one in outcomes if one.language in languages}

    def of(self, id_: str, type_: str) -> Misconfiguration:
        """The pass of a check in a language."""
        return passed(catalog.check(id_), self._titles.get(type_, "Configuration"))
