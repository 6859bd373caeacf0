"""The resources of a root module and of all modules it calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.languages.terraform.blocks import ResourceBlock, TerraformBlock
from vigie.misconfig.languages.terraform.module import Module
from vigie.misconfig.languages.terraform.scope import Scope
from vigie.misconfig.languages.terraform.trace import resources_of
from vigie.misconfig.languages.terraform.unit import TerraformUnit
from vigie.misconfig.languages.terraform.values import FunctionError
from vigie.misconfig.value import Cause, Sensitive, Unknown

NAMING = ("id", "name", "bucket", "arn")
"""Attributes by whose text others may point at a resource."""


class TerraformGraph(Graph):
    """The graph of one unit."""

    format = "terraform"

    def __init__(self, unit: TerraformUnit) -> None:
        self.unit = unit
        self._types: dict[str, list[ResourceBlock]] = {}
        self._providers: dict[str, list[TerraformBlock]] = {}
        self._named: dict[str, dict[str, list[ResourceBlock]]] = {}
        for module in unit.modules():
            self._add(module)

    def _add(self, module: Module) -> None:
        for mode, type_, name in module.declarations.resources:
            group = module.group(mode, type_, name)
            if group is None:
                continue
            try:
                blocks = group.blocks()
            except FunctionError:
                continue
            if blocks:
                self._types.setdefault(f"data.{type_}" if mode else type_, []).extend(blocks)
        for node in module.declarations.providers:
            name = node.labels[0]
            cause = Cause(node.source.path, node.start, node.end, f"provider.{name}", module.cause, module.prefix)
            block = TerraformBlock(node, Scope(module), name, name, cause)
            self._providers.setdefault(name, []).append(block)

    def resources(self, *types: str) -> Sequence[ResourceBlock]:
        if len(types) == 1:
            return self._types.get(types[0], ())
        return [block for type_ in types for block in self._types.get(type_, ())]

    def types(self) -> Iterable[str]:
        return self._types.keys()

    def data(self, *types: str) -> Sequence[Block]:
        return self.resources(*(f"data.{type_}" for type_ in types))

    def everything(self) -> Iterator[TerraformBlock]:
        """All resources, data sources and provider configurations."""
        for resources in self._types.values():
            yield from resources
        for providers in self._providers.values():
            yield from providers

    def providers(self, name: str) -> Sequence[Block]:
        return self._providers.get(name, ())

    def target(self, block: Block, path: str, *types: str) -> Block | None:
        found = self.targets(block, path, *types)
        return found[0] if found else None

    def targets(self, block: Block, path: str, *types: str) -> list[Block]:
        """All resources of these types that the attribute points at."""
        found, _ = block.raw(path)
        if found is None:
            return []
        value = found.value.value if isinstance(found.value, Sensitive) else found.value
        items = value if isinstance(value, list) else [value]
        sources = [item.source for item in items if isinstance(item, Unknown) and item.source is not None]
        result = _matching(sources, types)
        if not result and isinstance(block, TerraformBlock):
            result = _matching(resources_of(block, path), types)
            if len(result) > 1:
                # The expression names several; the value says which of them it is.
                named = [
                    one for one in result if any(item in _texts_of(one) for item in items if isinstance(item, str))
                ]
                result = named or result
        if not result:
            texts = [item for item in items if isinstance(item, str) and item]
            result = [one for text in texts for one in self._by_name(text, types, block)]
        return list(result)

    def _by_name(self, text: str, types: Iterable[str], block: Block) -> list[ResourceBlock]:
        for type_ in types:
            named = self._named.get(type_)
            if named is None:
                named = self._named[type_] = {}
                for one in self._types.get(type_, ()):
                    for text_of in _texts_of(one):
                        named.setdefault(text_of, []).append(one)
            same = [one for one in named.get(text, ()) if one is not block]
            if same:
                module = block.module if isinstance(block, TerraformBlock) else None
                return [next((one for one in same if one.module is module), same[0])]
        return []


def _texts_of(block: Any) -> set[str]:
    """The texts by which others may point at a resource."""
    values = (block.attribute(attribute) for attribute in NAMING)
    return {value for value in values if isinstance(value, str) and value}


def _matching(blocks: Iterable[Any], types: Sequence[str]) -> list[Block]:
    found: dict[int, Block] = {}
    for block in blocks:
        resource = block.resource if isinstance(block, TerraformBlock) else block
        if (
            isinstance(resource, ResourceBlock)
            and (f"data.{resource.type}" if resource.mode else resource.type) in types
        ):
            found[id(resource)] = resource
    return list(found.values())
