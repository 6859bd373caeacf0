"""Objects whose parts stand in resources of their own: buckets, security groups, roles.

groups = Owners(graph, ("aws_security_group",), make_group, SecurityGroup)
for block in graph.resources("aws_security_group_rule"):
    groups.of(block, "security_group_id").rules.append(…)
… groups.all
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from vigie.misconfig.graph import Block, Graph, plain
from vigie.misconfig.resource import Resource
from vigie.misconfig.value import Unknown

R = TypeVar("R", bound=Resource)


class Owners(Generic[R]):
    """The objects made of all resources of some types, and placeholders for those that parts name but the
    configuration does not hold: one for each name."""

    def __init__(
        self, graph: Graph, types: tuple[str, ...], make: Callable[[Block], R], placeholder: Callable[[], R]
    ) -> None:
        self._graph, self._types, self._placeholder = graph, types, placeholder
        self._known = {id(block): make(block) for block in graph.resources(*types)}
        self._elsewhere: dict[object, R] = {}

    @property
    def all(self) -> list[R]:
        """Those of the configuration, then the placeholders."""
        return [*self._known.values(), *self._elsewhere.values()]

    def made_of(self, block: Block) -> R:
        """The object of a resource of these types."""
        return self._known[id(block)]

    def of(self, block: Block, path: str) -> R:
        """The one that an attribute of a part names."""
        target = self._graph.target(block, path, *self._types)
        if target is not None and id(target) in self._known:
            return self._known[id(target)]
        found = block.raw(path)[0]
        value = plain(found.value) if found is not None else None
        if isinstance(value, Unknown) and value.source is not None:
            return self._placed(id(value.source))
        return self._placed(value if isinstance(value, str) else id(block))

    def listed(self, block: Block, *paths: str) -> list[R]:
        """Those of the configuration that the elements of lists name."""
        targets = [target for path in paths for target in self._graph.targets(block, path, *self._types)]
        return [self._known[id(target)] for target in targets if id(target) in self._known]

    def named(self, block: Block, path: str) -> list[R]:
        """As `listed`; one placeholder when the list is written and names none of the configuration's."""
        found = self.listed(block, path)
        if not found and block.has(path):
            return [self._placed((id(block), path))]
        return found

    def _placed(self, key: object) -> R:
        if key not in self._elsewhere:
            self._elsewhere[key] = self._placeholder()
        return self._elsewhere[key]
