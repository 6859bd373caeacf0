"""Resources of templates as blocks and graph.

A property that is a mapping, or a list of mappings, is a nested block, one for each mapping:
`BucketEncryption.ServerSideEncryptionConfiguration`. One that is not known is one nested block that knows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from vigie.misconfig.graph import Block, Found, Graph, plain
from vigie.misconfig.languages.cloudformation.nodes import NO_VALUE, Spot, function, item, member
from vigie.misconfig.languages.cloudformation.scope import Scope
from vigie.misconfig.languages.yaml_nodes import Mapping
from vigie.misconfig.value import Cause, Unknown

TRUTHS = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
DEEPEST = 30
"""Nested blocks within what is not known."""


class _Properties(Block):
    """Reads properties. spot: they; resource: whose they are; around: as what the cause of a property names it."""

    format = "cloudformation"
    scope: Scope
    spot: Spot
    resource: ResourceBlock
    around: Cause
    depth = 0

    def __init__(self) -> None:
        self._found: dict[str, Found | None] = {}
        self._resolved: dict[str, Spot | None] = {}
        self._children: dict[str, Sequence[Block]] = {}

    def _property(self, name: str) -> Spot | None:
        """A property without the functions around it."""
        if name not in self._resolved:
            node = self.spot.node
            found = None
            if isinstance(node, Unknown):
                found = Spot(node, self.spot.start, self.spot.end)
            elif isinstance(node, dict) and name in node:
                self._resolved[name] = None  # while it is looked at: a property that needs itself
                found = member(node, name, self.spot)
                try:
                    found = self.scope.resolve(found)
                except RecursionError:
                    found = Spot(Unknown(), found.start, found.end)
            self._resolved[name] = found if found is None or found.node not in (None, NO_VALUE) else None
        return self._resolved[name]

    def cause_of(self, spot: Spot) -> Cause:
        """The cause of a property."""
        return Cause(self.scope.file, spot.start, spot.end, self.name, self.around, within=self.resource.cause)

    def find(self, name: str) -> Found | None:
        if name not in self._found:
            self._found[name] = None
            spot = self._property(name)
            if spot is not None:
                try:
                    value = self.scope.value(spot.node)
                except RecursionError:
                    value = Unknown()
                cause = self.cause_of(spot)
                if function(node := self.spot.node[name] if isinstance(self.spot.node, dict) else None):
                    self.scope.functions[cause] = node
                self._found[name] = Found(value, cause)
        return self._found[name]

    def children(self, name: str) -> Sequence[Block]:
        if name not in self._children:
            self._children[name] = ()
            spot = self._property(name)
            if spot is not None and self.depth < DEEPEST:
                spots = [spot]
                if isinstance(spot.node, list):
                    spots = [self.scope.resolve(item(spot.node, i, spot)) for i in range(len(spot.node))]
                self._children[name] = [PropertyBlock(self, name, inner) for inner in spots if _nests(inner.node)]
        return self._children[name]

    def names(self) -> Iterable[str]:
        node = self.spot.node
        return [name for name in node if self._property(name) is not None] if isinstance(node, dict) else ()

    def truth(self, value: Any) -> bool | None:
        """true, yes, 1, on and their opposites, in any case."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return {0: False, 1: True}.get(int(value)) if value == int(value) else None
        return TRUTHS.get(value.lower()) if isinstance(value, str) else super().truth(value)


def _nests(node: Any) -> bool:
    """Whether this is, or may be, a nested block."""
    return isinstance(node, dict) or (
        isinstance(node, Unknown) and node.source is None and node.type in ("any", "object", "map", "list")
    )


class ResourceBlock(_Properties):
    """A resource. Its cause is named by its lines, as the peer's are; its properties' causes by the logical id."""

    def __init__(self, scope: Scope, name: str, type: str, lines: tuple[int, int]) -> None:
        super().__init__()
        start, end = lines
        self.scope, self.name, self.type, self.resource = scope, name, type, self
        self.cause = Cause(scope.file, start, end, f"{scope.file}:{start}-{end}", scope.stack)
        self.around = Cause(scope.file, start, end, name, scope.stack)
        self.spot = Spot({}, start, end)

    def read(self, properties: Spot) -> None:
        """Takes its properties, when all resources are known."""
        self.spot = self.scope.resolve(properties)


class PropertyBlock(_Properties):
    """A nested block."""

    def __init__(self, outer: _Properties, name: str, spot: Spot) -> None:
        super().__init__()
        self.scope, self.spot, self.resource = outer.scope, spot, outer.resource
        self.type, self.name, self.depth = name, outer.name, outer.depth + 1
        self.cause = outer.cause_of(spot)
        # The cause of a property has only what it stands in as its parent, as the peer's.
        self.around = Cause(outer.scope.file, spot.start, spot.end, outer.name, outer.scope.stack)


class TemplateGraph(Graph):
    """The resources of a template, and of those nested in it, behind it."""

    format = "cloudformation"

    def __init__(self, scopes: Sequence[Scope]) -> None:
        self._by_type: dict[str, list[Block]] = {}
        self._named: dict[tuple[Scope | None, str], dict[str, Block]] = {}
        self._scopes = scopes
        for scope in scopes:
            for block in scope.resources.values():
                self._by_type.setdefault(block.type, []).append(block)

    def resources(self, *types: str) -> Sequence[Block]:
        return [block for type_ in types for block in self._by_type.get(type_, ())]

    def types(self) -> Iterable[str]:
        return self._by_type

    def target(self, block: Block, path: str, *types: str) -> Block | None:
        """By reference, logical id or name; of a list the first element that points at one."""
        return next(iter(self.targets(block, path, *types)), None)

    def targets(self, block: Block, path: str, *types: str) -> list[Block]:
        found = block.raw(path)[0]
        value = plain(found.value) if found is not None else None
        values = value if isinstance(value, list) else [value]
        scope = block.scope if isinstance(block, _Properties) else None
        links = (self._link(scope, plain(element), types) for element in values)
        return [target for target in links if target is not None]

    def _link(self, scope: Scope | None, value: Any, types: tuple[str, ...]) -> Block | None:
        if isinstance(value, Unknown):
            source = value.source
            return source if isinstance(source, ResourceBlock) and source.type in types else None
        if not isinstance(value, str) or not value:
            return None
        block = scope.resources.get(value) if scope is not None else None
        if block is not None and block.type in types:
            return block
        texts = [value]
        if value.startswith("arn:"):
            texts += [value.rpartition(":")[2], value.rpartition("/")[2]]
        for type_ in types:
            for place in (scope, None):
                names = self._names(place, type_)
                target = next((names[text] for text in texts if text in names), None)
                if target is not None:
                    return target
        return None

    def _names(self, scope: Scope | None, type_: str) -> dict[str, Block]:
        """The resources of a type by the name they are given; of one template, or of all."""
        key = scope, type_
        if key not in self._named:
            names = self._named[key] = {}
            last = type_.rpartition("::")[2]
            for block in self._by_type.get(type_, ()):
                if scope is not None and block.scope is not scope:  # type: ignore[attr-defined]
                    continue
                for name in (f"{last}Name", "Name", f"{last}Identifier", f"{last}Id"):
                    found = block.find(name)
                    if found is not None and isinstance(found.value, str) and found.value:
                        names.setdefault(found.value, block)
        return self._named[key]


def build(scope: Scope, resources: Mapping) -> list[tuple[str, int]]:
    """Fills a scope with the resources of its template whose condition is not certainly false. Returns what is wrong
    with the others: text and line."""
    wrong: list[tuple[str, int]] = []
    kept: list[tuple[ResourceBlock, Mapping]] = []
    for name, node in resources.items():
        line, last = resources.span(name)
        if not isinstance(node, Mapping) or not isinstance(node.get("Type"), str):
            wrong.append((f"resource {name} has no type", line))
        elif not scope.conditions.excludes(node.get("Condition")):
            block = ResourceBlock(
                scope, name, node["Type"], (line, max(last, node.end) if node.start >= line else last)
            )
            scope.resources[name] = block
            kept.append((block, node))
    for block, node in kept:
        if "Properties" in node:
            block.read(member(node, "Properties", Spot(node, block.cause.start, block.cause.end)))
    return wrong
