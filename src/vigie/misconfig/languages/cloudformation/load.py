"""Loads a unit: a template, and the templates nested in it."""

from __future__ import annotations

from collections.abc import Mapping as Values
from typing import Any

from vigie.misconfig.graph import plain
from vigie.misconfig.language import Files, Project, Unit
from vigie.misconfig.languages.cloudformation import blocks, parameters, template
from vigie.misconfig.languages.cloudformation.expand import LOOP, Expansion, below
from vigie.misconfig.languages.cloudformation.scope import Scope
from vigie.misconfig.languages.cloudformation.stacks import NESTING
from vigie.misconfig.languages.yaml_nodes import Mapping
from vigie.misconfig.value import Cause
from vigie.model.inventory import Problem
from vigie.settings.groups import MisconfigOptions

DEEPEST = 8
"""Stacks in stacks."""
MOST_STACKS = 200
MOST_BYTES = 32 << 20
"""Of the templates of one unit, each counted as often as it is nested."""


def project(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    """The graph of a unit. Raises UsageError for parameters that cannot be read."""
    loader = _Loader(files)
    given = parameters.given(options.cloudformation_params)
    loader.load(unit.path, given, None, ())
    for path in unit.files:
        # Named by another template, but not nested after all: a condition is false, or its name is no plain text.
        if path not in loader.loaded:
            loader.load(path, given, None, ())
    # Nothing passes in what could not be read.
    graph = blocks.TemplateGraph(loader.scopes) if loader.scopes else None
    return Project(target=unit.path, graph=graph, problems=loader.problems, origins=loader.origins)


class _Loader:
    def __init__(self, files: Files) -> None:
        self._files = files
        self.scopes: list[Scope] = []
        self.loaded: set[str] = set()
        self.problems: list[Problem] = []
        self._left = MOST_BYTES

    def origins(self, cause: Cause) -> list[Cause]:
        """The declarations that made the value of a property."""
        from vigie.misconfig.languages.cloudformation.origins import origins

        scope = next((scope for scope in self.scopes if cause in scope.functions), None)
        return [] if scope is None else origins(scope, scope.functions[cause])

    def load(self, path: str, given: Values[str, Any], stack: Cause | None, chain: tuple[str, ...]) -> Scope | None:
        """Loads a template and those it nests. chain: those it is nested in."""
        self.loaded.add(path)
        data = self._files.read(path)
        if data is None:
            self.problems.append(Problem(path, "could not be read: it is not there, or too large"))
            return None
        self._left -= len(data)
        try:
            document = template.read(path, data)
        except template.Refusal as refusal:
            self.problems.append(Problem(f"{path}:{refusal.line}" if refusal.line else path, refusal.what))
            return None
        if document is None:
            return None
        scope = Scope(path, document, given, stack)
        self.scopes.append(scope)
        if LOOP.encode() in data or b"AWS::Include" in data:
            self._expand(scope, document, given)
        template.apply_globals(document)
        resources = template.section(document, "Resources")
        if resources is not None:
            wrong = blocks.build(scope, resources)
            self.problems += [Problem(f"{path}:{line}", what) for what, line in wrong[:100]]
            self._nest(scope, (*chain, path))
        return scope

    def _expand(self, scope: Scope, document: Mapping, given: Values[str, Any]) -> None:
        expansion = Expansion(scope, self._files, self.problems)
        expansion.whole(document)
        scope.parameters = parameters.resolved(template.section(document, "Parameters"), given)
        for name in ("Mappings", "Conditions", "Resources", "Outputs"):
            found = template.section(document, name)
            if found is None:
                continue
            document[name] = expanded = expansion.section(found)
            if name == "Mappings":
                scope.mappings = expanded
            elif name == "Conditions":
                scope.conditions.replace(expanded)

    def _nest(self, scope: Scope, chain: tuple[str, ...]) -> None:
        """Loads the local templates that resources of this one name."""
        for name, block in list(scope.resources.items()):
            property_ = NESTING.get(block.type)
            found = block.find(property_) if property_ else None
            location = plain(found.value) if found is not None else None
            path = below(scope.file, location) if isinstance(location, str) else None
            where = f"{scope.file}:{block.cause.start}"
            if path is None or self._files.read(path) is None:
                if isinstance(location, str) and ("://" not in location or location.startswith("file:")):
                    what = f"the nested template {location[:200]} is not in what is scanned and was not judged"
                    self.problems.append(Problem(where, what))
                continue
            if path in chain:
                self.problems.append(Problem(where, f"{path} nests itself"))
            elif len(chain) >= DEEPEST or len(self.scopes) >= MOST_STACKS or self._left <= 0:
                self.problems.append(Problem(where, f"{path} is not judged here: too many nested stacks"))
            else:
                values = block.find("Parameters")
                given = values.value if values is not None and isinstance(values.value, dict) else {}
                nested = self.load(path, dict(given), block.around, chain)
                if nested is not None:
                    scope.stacks[name] = nested
