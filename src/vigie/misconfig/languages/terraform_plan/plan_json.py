"""`terraform show -json` of a plan (or of a state): https://developer.hashicorp.com/terraform/internals/json-format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vigie.misconfig.language import Files, Project, Unit
from vigie.misconfig.languages.terraform_plan.blocks import PlanBlock, Planned
from vigie.misconfig.languages.terraform_plan.graph import PlanGraph
from vigie.misconfig.languages.terraform_plan.modules import ModuleInstance, listing, mapping
from vigie.misconfig.languages.terraform_plan.places import Places
from vigie.misconfig.languages.terraform_plan.render import Renderer
from vigie.model.inventory import Problem
from vigie.settings.groups import MisconfigOptions

_MODULE = r'module\.([\w-]+)(?:\[(?:(\d+)|"((?:[^"\\]|\\.)*)")\])?\.?'
_MAX_DEPTH = 40
_LONGEST = 5_000
_MOST = 200_000


def load(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    """A plan's resources with their planned values. Raises ValueError for what is no plan."""
    data = files.read(unit.path)
    if data is None:
        raise ValueError("is gone")
    try:
        document = json.loads(data)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    if not isinstance(document, dict) or "terraform_version" not in document:
        raise ValueError("is no plan")
    problems: list[Problem] = []
    if document.get("errored"):
        problems.append(Problem(unit.path, "Terraform could not finish this plan; what it planned was judged"))
    reader = _Reader(document, Places(unit.path, data, files, options), problems)
    graph = reader.read()
    # a plan on a few lines would be shown from its beginning, where values of variables stand, secret ones too
    shown = {unit.path: b""} if any(len(line) > _LONGEST for line in data.split(b"\n")) else {}
    return Project(
        target=unit.path,
        graph=graph,
        problems=problems,
        type="terraformplan",
        texts=shown,
        render=Renderer(graph.everything()).render,
    )


class _Reader:
    """Puts the parts of a plan together: values, changes, configuration."""

    def __init__(self, document: Mapping[str, Any], places: Places, problems: list[Problem]) -> None:
        self._document, self._places, self._problems = document, places, problems
        self._changes = {
            str(entry.get("address")): mapping(entry.get("change"))
            for entry in listing(document.get("resource_changes"))
        }
        root = mapping(mapping(document.get("configuration")).get("root_module"))
        self._root = ModuleInstance(root, folder=places.folder)
        self._modules: dict[str, ModuleInstance] = {"": self._root}
        self._graph = PlanGraph()
        self._count = 0

    def read(self) -> PlanGraph:
        prior = mapping(mapping(self._document.get("prior_state")).get("values"))
        planned = mapping(self._document.get("planned_values") or self._document.get("values"))
        seen: set[str] = set()
        for values, only_data in ((planned, False), (prior, True)):
            for entry, address in _resources(mapping(values.get("root_module")), "", 0):
                path = str(entry.get("address"))
                if path in seen or (only_data and entry.get("mode") != "data"):
                    continue
                seen.add(path)
                self._count += 1
                if self._count > _MOST:
                    where = self._places.path
                    self._problems.append(Problem(where, f"has more than {_MOST} resources; the rest was not judged"))
                    break
                self._add(entry, address)
        self._providers()
        return self._graph

    def _add(self, entry: Mapping[str, Any], module_address: str) -> None:
        type, name = entry.get("type"), entry.get("name")
        if not isinstance(type, str) or not isinstance(name, str):
            return
        mode = "data" if entry.get("mode") == "data" else ""
        module = self._module(module_address)
        address = str(entry.get("address"))
        change = self._changes.get(address, {})
        planned = Planned(
            mapping(entry.get("values")),
            change.get("after_unknown", False),
            entry.get("sensitive_values", change.get("after_sensitive", False)),
            mapping(module.configured(mode, type, name).get("expressions")),
        )
        place = self._places.resource(module, mode, type, name, address)
        block = PlanBlock(type, name, planned, place.cause, module, place.node)
        block.mode, block.key = mode, entry.get("index")
        module.resources.setdefault((mode, type, name), []).append(block)
        self._graph.add(block)

    def _module(self, address: str) -> ModuleInstance:
        """The instance of an address; it and its callers are made when first asked for."""
        known = self._modules.get(address)
        if known is not None:
            return known
        module, done = self._root, ""
        for found in list(re.finditer(_MODULE, address))[:_MAX_DEPTH]:
            done += ("." if done else "") + found[0].removesuffix(".")
            child = self._modules.get(done)
            if child is None:
                key = int(found[2]) if found[2] else None if found[3] is None else re.sub(r"\\(.)", r"\1", found[3])
                child = self._child(module, found[1], key, found[0].removesuffix("."))
                self._modules[done] = child
            module = child
        self._modules[address] = module
        return module

    def _child(self, module: ModuleInstance, name: str, key: Any, label: str) -> ModuleInstance:
        call = mapping(mapping(module.configuration.get("module_calls")).get(name))
        child = ModuleInstance(mapping(call.get("module")), parent=module, name=name, key=key)
        child.cause, child.folder = self._places.module(module, child, call, label)
        module.children.setdefault(name, []).append(child)
        return child

    def _providers(self) -> None:
        """Configurations of providers: their values are constants, or variables of the root module."""
        variables = mapping(self._document.get("variables"))
        configured = mapping(mapping(self._document.get("configuration")).get("provider_config"))
        for key, entry in configured.items():
            name = mapping(entry).get("name")
            if not isinstance(name, str):
                continue
            expressions = mapping(entry.get("expressions"))
            values, unknown = _constants(expressions, variables, 0)
            place = self._places.provider(self._root, name, str(entry.get("alias") or ""), key)
            if entry.get("alias"):
                values["alias"] = entry["alias"]
            planned = Planned(values, unknown, False, expressions)
            self._graph.add_provider(PlanBlock(name, name, planned, place.cause, self._root, place.node))


def _resources(module: Mapping[str, Any], address: str, depth: int) -> Iterator[tuple[Mapping[str, Any], str]]:
    """All resources with the addresses of their modules."""
    for entry in listing(module.get("resources")):
        yield entry, address
    if depth < _MAX_DEPTH:
        for child in listing(module.get("child_modules")):
            yield from _resources(child, str(child.get("address") or ""), depth + 1)


def _constants(
    expressions: Mapping[str, Any], variables: Mapping[str, Any], depth: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of expressions, and which of them are not known."""
    values: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for name, expression in expressions.items():
        if isinstance(expression, list) and depth < _MAX_DEPTH:
            blocks = [_constants(mapping(item), variables, depth + 1) for item in expression]
            values[name] = [block[0] for block in blocks]
            unknown[name] = [block[1] for block in blocks]
            continue
        entry = mapping(expression)
        written: Sequence[Any] = entry.get("references") or ()
        variable = str(written[0]).removeprefix("var.") if len(written) == 1 else ""
        if "constant_value" in entry:
            values[name] = entry["constant_value"]
        elif variable in variables:
            values[name] = mapping(variables[variable]).get("value")
        else:
            unknown[name] = True
    return values, unknown
