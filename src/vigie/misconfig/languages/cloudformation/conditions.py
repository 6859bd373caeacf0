"""Conditions of a template: true, false, or not decided by what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vigie.misconfig.languages.cloudformation import functions
from vigie.misconfig.languages.cloudformation.nodes import function
from vigie.misconfig.languages.cloudformation.template import section
from vigie.misconfig.languages.yaml_nodes import Mapping, Sequence
from vigie.misconfig.value import Sensitive

if TYPE_CHECKING:
    from vigie.misconfig.languages.cloudformation.scope import Scope

DEEPEST = 60
"""Conditions that name conditions."""


class Conditions:
    """The conditions of one template, each judged once."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._declared: dict[str, Any] = section(scope.document, "Conditions") or {}
        self._known: dict[str, tuple[bool | None, bool]] = {}
        self._depth = 0

    def replace(self, declared: Mapping) -> None:
        """Other declarations in place of those of the document: loops are unrolled."""
        self._declared = declared

    def truth(self, name: Any) -> bool | None:
        """The truth of a condition by name (or of a node in its place); None when it cannot be decided here."""
        return self._named(name)[0] if isinstance(name, str) else self.judge(name)

    def excludes(self, name: Any) -> bool:
        """Whether the condition is false whatever account and region the stack is made in."""
        truth, assumed = self._named(name) if isinstance(name, str) else (None, False)
        return truth is False and not assumed

    def _named(self, name: str) -> tuple[bool | None, bool]:
        if name not in self._known:
            if name not in self._declared or self._depth >= DEEPEST:
                return None, False
            self._known[name] = None, False  # while it is judged: a condition that needs itself is never decided
            before, self._depth = self._scope.assumed, self._depth + 1
            try:
                truth = self.judge(self._declared[name])
            finally:
                self._depth -= 1
            self._known[name] = truth, self._scope.assumed > before
        truth, assumed = self._known[name]
        self._scope.assumed += assumed
        return truth, assumed

    def judge(self, node: Any) -> bool | None:
        """The truth of a node of the section."""
        if isinstance(node, Mapping) and len(node) == 1:
            name, argument = next(iter(node.items()))
            if name in ("Condition", "Fn::Condition"):
                return self.truth(argument) if isinstance(argument, str) else None
            items = list(argument) if isinstance(argument, Sequence) else [argument]
            if name == "Fn::Not":
                truth = self.judge(items[0]) if len(items) == 1 else None
                return None if truth is None else not truth
            if name == "Fn::And":
                return _all([self.judge(inner) for inner in items])
            if name == "Fn::Or":
                negated = _all([None if t is None else not t for t in (self.judge(inner) for inner in items)])
                return None if negated is None else not negated
            if name == "Fn::Equals":
                if len(items) != 2:
                    return None
                return functions.equals(self._scope.value(items[0]), self._scope.value(items[1]))
        value = self._scope.value(node) if function(node) or not isinstance(node, Mapping) else None
        value = value.value if isinstance(value, Sensitive) else value
        if isinstance(value, bool):
            return value
        return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _all(truths: list[bool | None]) -> bool | None:
    """False as soon as one is false; not decided while one is not."""
    if any(truth is False for truth in truths):
        return False
    return None if any(truth is None for truth in truths) else True
