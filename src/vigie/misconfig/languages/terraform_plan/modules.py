"""The modules of a plan, and what their expressions refer to.

A plan names for each expression what it refers to (`var.x`, `module.m.out`, `aws_s3_bucket.b.id`), not how. That is
followed through variables and outputs to resources, between instances of one key where there are several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vigie.misconfig.value import Cause

if TYPE_CHECKING:
    from vigie.misconfig.languages.terraform_plan.blocks import PlanBlock

_PART = r'[^\W\d][\w-]*|\[(?:(\d{1,9})|"((?:[^"\\]|\\.)*)")\]'
_MOST = 200
_NOTHING = frozenset({"", "var", "local", "path", "terraform", "count", "self"})

Resources = dict[tuple[str, str, str], list["PlanBlock"]]


class ModuleInstance:
    """An instance of a module. configuration: of the module; call: of its caller. key: of the instance. folder: where
    its source is, None when that is not there."""

    def __init__(  # noqa: PLR0917
        self,
        configuration: Mapping[str, Any],
        cause: Cause | None = None,
        parent: ModuleInstance | None = None,
        name: str = "",
        key: Any = None,
        folder: str | None = None,
    ) -> None:
        self.configuration, self.cause = configuration, cause
        self.parent, self.name, self.key, self.folder = parent, name, key, folder
        self.resources: Resources = {}
        self.children: dict[str, list[ModuleInstance]] = {}
        self.path: tuple[str, ...] = (*parent.path, name) if parent is not None else ()
        self._configured: dict[tuple[str, str, str], Mapping[str, Any]] | None = None

    @property
    def call(self) -> Mapping[str, Any]:
        """The call that made it, in the caller's configuration."""
        return mapping(mapping(self.parent.configuration.get("module_calls")).get(self.name)) if self.parent else {}

    def configured(self, mode: str, type: str, name: str) -> Mapping[str, Any]:
        """What the configuration says of a resource."""
        if self._configured is None:
            self._configured = {}
            for entry in listing(self.configuration.get("resources")):
                data = "data" if entry.get("mode") == "data" else ""
                self._configured[data, str(entry.get("type")), str(entry.get("name"))] = entry
        return self._configured.get((mode, type, name), {})

    def reference(self, expression: Any, block: PlanBlock) -> tuple[PlanBlock | None, str]:
        """The one resource that an expression of a block refers to, and the attribute of it; none when there are
        several."""
        found = list(self.referred(expression, block))
        resources = {id(target) for target, _ in found}
        if len(resources) != 1:
            return None, ""
        attribute = next((attribute for _, attribute in found if attribute), "")
        return found[0][0], attribute

    def referred(self, expression: Any, block: PlanBlock) -> Iterator[tuple[PlanBlock, str]]:
        """The resources that an expression of a block refers to, each with the attribute, "" for the whole."""
        entry = self.configured(block.mode, block.type, block.name)
        return _follow(self, expression, entry.get("for_each_expression"), block.key, set())


def _follow(
    module: ModuleInstance, expression: Any, each: Any, key: Any, seen: set[tuple[int, str]]
) -> Iterator[tuple[PlanBlock, str]]:
    """each: the expression of `for_each` where the expression stands. key: of the instance that refers."""
    for text in references(expression):
        if (id(module), text) in seen or len(seen) >= _MOST:
            continue
        seen.add((id(module), text))
        steps = parts(text)
        first = steps[0] if len(steps) > 1 else ""
        if first == "var" and module.parent is not None:
            given = mapping(module.call.get("expressions")).get(str(steps[1]))
            own = key if module.key is None else module.key
            yield from _follow(module.parent, given, module.call.get("for_each_expression"), own, seen)
        elif first == "module":
            name = _attribute(steps[2:])
            for child in _keyed(module.children.get(str(steps[1]), []), steps[2:3], key):
                output = mapping(mapping(child.configuration.get("outputs")).get(name))
                yield from _follow(child, output.get("expression"), None, key, seen)
        elif first == "each":
            attribute = _attribute(steps[2:])  # of `each.value.id`
            for block, whole in _follow(module, each, None, key, seen):
                yield block, whole or attribute
        elif first == "data":
            yield from _named(module, "data", steps[1:], key)
        elif first not in _NOTHING:
            yield from _named(module, "", steps, key)


def _named(module: ModuleInstance, mode: str, steps: list[str | int], key: Any) -> Iterator[tuple[PlanBlock, str]]:
    blocks = module.resources.get((mode, str(steps[0]), str(steps[1])), []) if len(steps) > 1 else []
    for block in _keyed(blocks, steps[2:3], key):
        yield block, _attribute(steps[2:])


def _attribute(steps: list[str | int]) -> str:
    """The first name behind an index."""
    return next((step for step in steps if isinstance(step, str) and not step.startswith("[")), "")


def _keyed(instances: list[Any], step: list[str | int], own: Any) -> list[Any]:
    """The instances of a written key; else the one of the same key as who refers; else all."""
    if step and (isinstance(step[0], int) or step[0].startswith("[")):
        wanted = step[0] if isinstance(step[0], int) else step[0][1:]
        return [instance for instance in instances if instance.key == wanted]
    same = [instance for instance in instances if instance.key is not None and instance.key == own]
    return same or instances


def parts(reference: str) -> list[str | int]:
    """`module.m["k"].out[0]` as `module`, `m`, `[k`, `out`, 0."""
    found: list[str | int] = []
    for match in re.finditer(_PART, reference[:2000]):
        if match[1]:
            found.append(int(match[1]))
        elif match[2] is not None:
            found.append("[" + re.sub(r"\\(.)", r"\1", match[2]))
        else:
            found.append(match[0])
    return found


def references(expression: Any, depth: int = 0) -> Iterator[str]:
    """All references that stand in an expression of the configuration. `a.b.c` comes with `a.b`: only the longest is
    given."""
    if depth > 50:
        return
    if isinstance(expression, dict):
        written = expression.get("references")
        if isinstance(written, list):
            texts = [text for text in written if isinstance(text, str)]
            for text in texts:
                if not any(other.startswith((text + ".", text + "[")) for other in texts):
                    yield text
            return
        for part in expression.values():
            yield from references(part, depth + 1)
    elif isinstance(expression, list):
        for part in expression:
            yield from references(part, depth + 1)


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a JSON list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
