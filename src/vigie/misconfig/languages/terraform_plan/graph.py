"""The resources of a plan, and how they point at each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from vigie.misconfig.graph import Block, Graph, plain
from vigie.misconfig.languages.terraform_plan.blocks import PlanBlock
from vigie.misconfig.value import Unknown

NAMING = ("id", "name", "bucket", "arn")
"""Attributes by whose text others may point at a resource."""


class PlanGraph(Graph):
    """The graph of one plan."""

    format = "terraform"

    def __init__(self) -> None:
        self._types: dict[str, list[PlanBlock]] = {}
        self._providers: dict[str, list[PlanBlock]] = {}
        self._named: dict[str, dict[str, list[PlanBlock]]] = {}
        self._targets: dict[tuple[Block, str, tuple[str, ...]], list[Block]] = {}

    def add(self, block: PlanBlock) -> None:
        self._types.setdefault(f"data.{block.type}" if block.mode else block.type, []).append(block)

    def add_provider(self, block: PlanBlock) -> None:
        self._providers.setdefault(block.type, []).append(block)

    def resources(self, *types: str) -> Sequence[Block]:
        return [block for type in types for block in self._types.get(type, ())]

    def everything(self) -> Iterator[PlanBlock]:
        """All resources, data sources and providers."""
        for blocks in (*self._types.values(), *self._providers.values()):
            yield from blocks

    def types(self) -> Iterable[str]:
        return self._types.keys()

    def data(self, *types: str) -> Sequence[Block]:
        return self.resources(*(f"data.{type}" for type in types))

    def providers(self, name: str) -> Sequence[Block]:
        return self._providers.get(name, ())

    def target(self, block: Block, path: str, *types: str) -> Block | None:
        found = self.targets(block, path, *types)
        return found[0] if found else None

    def targets(self, block: Block, path: str, *types: str) -> list[Block]:
        key = (block, path, types)
        if key not in self._targets:
            self._targets[key] = self._found(block, path, types)
        return self._targets[key]

    def _found(self, block: Block, path: str, types: tuple[str, ...]) -> list[Block]:
        found = self._by_expression(block, path, types)
        if found:
            return found
        written, _ = block.raw(path)
        value = plain(written.value) if written is not None else None
        texts = [plain(item) for item in (value if isinstance(value, list) else [value])]
        named = [self._by_name(text, types, block) for text in texts if isinstance(text, str) and text]
        sources = [item.source for item in texts if isinstance(item, Unknown)]
        return list({id(one): one for one in (*_of_types(sources, types), *named) if one is not None}.values())

    @staticmethod
    def _by_expression(block: Block, path: str, types: tuple[str, ...]) -> list[Block]:
        """What the configuration's expression for the attribute refers to."""
        *outer, name = path.split(".")
        for step in outer:
            children = block.children(step)
            if not children:
                return []
            block = children[0]
        if not isinstance(block, PlanBlock):
            return []
        expression = block.planned.expressions.get(name)
        return _of_types((target for target, _ in block.module.referred(expression, block.resource)), types)

    def _by_name(self, text: str, types: Iterable[str], block: Block) -> Block | None:
        for type in types:
            if type not in self._named:
                named = self._named[type] = {}
                for one in self._types.get(type, ()):
                    for attribute in NAMING:
                        value = plain(one.attribute(attribute))
                        if isinstance(value, str) and value and one not in named.get(value, ()):
                            named.setdefault(value, []).append(one)
            same = [one for one in self._named[type].get(text, ()) if one is not block]
            if same:
                module = getattr(block, "module", None)
                return next((one for one in same if one.module is module), same[0])
        return None


def _of_types(blocks: Iterable[Any], types: Sequence[str]) -> list[Block]:
    found: dict[int, Block] = {}
    for block in blocks:
        if isinstance(block, PlanBlock) and (f"data.{block.type}" if block.mode else block.type) in types:
            found[id(block)] = block
    return list(found.values())
