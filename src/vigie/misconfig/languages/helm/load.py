"""A template becomes a project: what it renders to, with lines of the template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from vigie.misconfig.language import Files, Project, Unit
from vigie.misconfig.languages.helm import charts, marks
from vigie.misconfig.languages.helm.charts import Chart, Place
from vigie.misconfig.languages.helm.renderer import EngineError, Rendered, renderer
from vigie.misconfig.languages.helm.settings import read as settings
from vigie.misconfig.languages.kubernetes.applicable import applicable
from vigie.misconfig.languages.kubernetes.load import read
from vigie.misconfig.languages.kubernetes.objects import Object, by_path
from vigie.model.inventory import Problem
from vigie.settings.groups import MisconfigOptions


class Judgeable(Struct):
    """A chart as rendered. documents: by file of the chart, what it became, and for each line that of the template
    when it is known. plain: nothing could be rendered, so what is no template is judged as it stands."""

    chart: Chart
    documents: dict[str, list[tuple[str, Sequence[int] | None]]]
    problems: list[Problem]
    plain: bool = False


_recent: list[tuple[Files, MisconfigOptions, str, Judgeable]] = []
"""The last rendered charts: their units come one after another."""
KEPT = 2


def units(files: Files) -> Iterator[Unit]:
    """A unit for each chart and for each of its templates."""
    for place in charts.places(files.paths("helm")):
        try:
            chart = charts.read(place, files)
        except ValueError:
            chart = Chart(place)
        templates = chart.templates()
        weight = sum(map(len, chart.files.values())) // (len(templates) + 1)
        yield Unit("helm", place.main, (place.main,), weight)
        for template in templates:
            yield Unit("helm", place.shown(template), (place.main, template), weight)


def project(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    """What a unit's template renders to; for a chart what is wrong with it. Raises ValueError for a chart that cannot
    be read, UsageError for wrong options."""
    main, *templates = unit.files
    place = Place(main, main.endswith(charts.ARCHIVES))
    rendered = _rendered(place, files, options)
    if not templates:
        return Project(target=unit.path, problems=rendered.problems)
    template = templates[0]
    path, chart = place.shown(template), rendered.chart
    source = chart.files.get(template, b"")
    problems: list[Problem] = []
    objects: list[Object] = []
    texts = {path: source} if template in chart.unpacked else {}
    if rendered.plain and b"{{" not in source:
        objects = read(path, source, options.kubernetes_version, problems)
    for text, lines in rendered.documents.get(template, ()):
        found: list[Problem] = []
        made = read(path, text.encode(), options.kubernetes_version, found)
        for object_ in made:
            object_.lines = lines
        objects += made
        problems += (_placed(problem, path, lines) for problem in found)
        if made and lines is None:
            # lines count in what was rendered, so that is what must be shown
            texts[path] = text.encode()
    parts = by_path(objects, problems)
    return Project(
        target=path,
        objects=parts,
        applicable=applicable(objects, "kubernetes.pod" in parts),
        inputs=[object_.cause for object_ in objects],
        problems=problems,
        texts=texts,
    )


def _placed(problem: Problem, path: str, lines: Sequence[int] | None) -> Problem:
    """A problem of a rendered document, at the template's line."""
    line = problem.where.removeprefix(f"{path}:")
    where = path
    if lines is not None and line.isdecimal() and 0 < int(line) <= len(lines):
        where = f"{path}:{lines[int(line) - 1]}"
    what = problem.what.replace("is no valid", "renders to no valid")
    return Problem(where, what, "" if lines is not None else "lines count in what it renders to")


def _rendered(place: Place, files: Files, options: MisconfigOptions) -> Judgeable:
    for known, used, main, judgeable in _recent:
        if known is files and used is options and main == place.main:
            return judgeable
    judgeable = _render(charts.read(place, files), options)
    _recent.append((files, options, place.main, judgeable))
    del _recent[:-KEPT]
    return judgeable


def _render(chart: Chart, options: MisconfigOptions) -> Judgeable:
    """Renders a chart; one that cannot be rendered is left as it is, with a problem that says why."""
    main = chart.place.main
    problems = [Problem(main, f"the chart {chart.name} {what}") for what in chart.problems]
    name = chart.name
    paths = charts.engine_paths(chart.files, name)
    sources = {file: chart.files[file].decode("utf-8", "replace") for file in set(paths.values())}
    marked = {
        file: text for file in sources if charts.is_template(file) and (text := marks.mark(sources[file])) is not None
    }
    try:
        engine = renderer(settings(options))
        rendered = engine.render(name, charts.without_foreign_schemas(chart.files), paths, marked)
    except EngineError as error:
        what = f"the chart {name} was not rendered: {error.message}"
        return Judgeable(chart, {}, [*problems, Problem(main, what, error.hint)], plain=True)
    problems += _failures(chart, paths, rendered)
    documents: dict[str, list[tuple[str, Sequence[int] | None]]] = {}
    for called, text in sorted(rendered.documents.items()):
        file = paths.get(called, "")
        if text.strip() and file in marked:
            documents.setdefault(file, []).append((text, marks.lines(text, rendered.marked.get(called))))
        elif text.strip() and file:
            documents.setdefault(file, []).append((text, None))
    return Judgeable(chart, documents, problems, plain=not rendered.documents)


def _failures(chart: Chart, paths: Mapping[str, str], rendered: Rendered) -> Iterator[Problem]:
    place, name = chart.place, chart.name
    for wanted in rendered.missing:
        yield Problem(
            place.main,
            f"the chart {name} needs {wanted.strip()}, which is not in charts/; what it adds was not judged",
            "run `helm dependency build` first",
        )
    for template, message in rendered.failures:
        what = re.sub(r"\s+", " ", message).strip()[:400]
        if not template:
            outcome = "complains, and was rendered all the same" if rendered.documents else "could not be rendered"
            yield Problem(place.main, f"the chart {name} {outcome}: {what}")
            continue
        called = next((one for one, file in paths.items() if file == template), template)
        line = re.search(re.escape(called) + r":(\d+)", what)
        where = place.shown(template) + (f":{line[1]}" if line else "")
        yield Problem(where, f"this template of the chart {name} could not be rendered: {what}")
