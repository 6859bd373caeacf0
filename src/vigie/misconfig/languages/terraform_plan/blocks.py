"""Resources of a plan as blocks: planned values, with what is known only after apply, what is sensitive, and what the
configuration refers to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from vigie.misconfig.graph import Block, Found
from vigie.misconfig.languages.terraform.values import mark, number
from vigie.misconfig.value import Cause, Unknown

if TYPE_CHECKING:
    from vigie.misconfig.languages.terraform.syntax import Nested
    from vigie.misconfig.languages.terraform_plan.modules import ModuleInstance

_MAX_DEPTH = 100


class Planned(Struct, frozen=True):
    """What a plan says of a resource or nested block. unknown and sensitive have the shape of values, with true where
    it holds; True for all of it. expressions: of the configuration, by attribute; those of nested blocks are lists."""

    values: Mapping[str, Any]
    unknown: Any = False
    sensitive: Any = False
    expressions: Mapping[str, Any] = {}

    def part(self, name: str) -> tuple[Any, Any, Any, Any]:
        return self.values.get(name), _part(self.unknown, name), _part(self.sensitive, name), self.expressions.get(name)


class PlanBlock(Block):
    """A resource instance, or a block nested in one. mode: "" or `data`. key: of the instance, None for a single one.
    node: where the source writes it, None when there is no source."""

    format = "terraform"

    def __init__(  # noqa: PLR0917
        self,
        type: str,
        name: str,
        planned: Planned,
        cause: Cause,
        module: ModuleInstance,
        node: Nested | None = None,
        resource: PlanBlock | None = None,
    ) -> None:
        self.type, self.name, self.planned, self.cause = type, name, planned, cause
        self.module, self.node = module, node
        self.mode, self.key = "", None
        self.resource: PlanBlock = resource or self
        self._found: dict[str, Found | None] = {}
        self._children: dict[str, list[Block]] = {}

    def find(self, name: str) -> Found | None:
        if name not in self._found:
            self._found[name] = self._evaluated(name)
        return self._found[name]

    def _evaluated(self, name: str) -> Found | None:
        value, unknown, sensitive, expression = self.planned.part(name)
        if isinstance(expression, list) or (expression is None and _objects(value)):
            return None  # nested blocks
        if unknown is True:  # unless nobody has written it: then it is computed, and not found
            return Found(self._unknown(expression), self._cause_of(name)) if expression is not None else None
        if value is None or (value in ([], {}) and expression is None):
            return None  # providers fill in what nobody has written
        return Found(plan_value(value, unknown, sensitive), self._cause_of(name))

    def _unknown(self, expression: Any) -> Any:
        """What is known after apply only: the value of what it refers to."""
        target, attribute = self.module.reference(expression, self.resource)
        if target is None:
            return Unknown()
        if target.mode and attribute in ("json", "minified_json") and target.type == "aws_iam_policy_document":
            value = target.policy()
            return Unknown("string", value.like, target, attribute) if isinstance(value, Unknown) else value
        return Unknown(source=target, attribute=attribute)

    def policy(self) -> Any:
        """The document of an `aws_iam_policy_document` whose parts are not all known."""
        from vigie.misconfig.languages.terraform.policy_document import render

        if self._found.get("json") is None:
            self._found["json"] = Found(Unknown(), self.cause)  # for documents that name each other
            self._found["json"] = Found(render(self), self.cause)
        found = self._found["json"]
        return found.value if found is not None else Unknown()

    def attribute(self, name: str) -> Any:
        """The value that a reference to the attribute has."""
        found = self.find(name)
        return found.value if found is not None else Unknown(source=self.resource, attribute=name)

    def _cause_of(self, name: str) -> Cause:
        argument = self.node.body.arguments.get(name) if self.node is not None else None
        if argument is None:
            return self.cause
        cause = self.cause
        return Cause(argument.source.path, argument.start, argument.end, f"{cause.name}.{name}", cause, cause.prefix)

    def children(self, name: str) -> Sequence[Block]:
        if name not in self._children:
            self._children[name] = list(self._nested(name))
        return self._children[name]

    def _nested(self, name: str) -> Iterable[Block]:
        value, unknown, sensitive, expression = self.planned.part(name)
        if unknown is True:
            if expression is not None or self._node(name, 0) is not None:
                child = self._child(name, 0, Planned({}, True, sensitive, _nth(expression, 0)))
                child.certain = not isinstance(expression, (dict, type(None)))  # nobody knows how many there are
                yield child
            return
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(item, dict):
                parts = Planned(item, _part(unknown, index), _part(sensitive, index), _nth(expression, index))
                if isinstance(value, dict):
                    parts = Planned(item, unknown, sensitive, _nth(expression, 0))
                yield self._child(name, index, parts)

    def _child(self, name: str, index: int, planned: Planned) -> PlanBlock:
        node = self._node(name, index)
        cause = self.cause
        if node is not None:
            place = Cause(node.source.path, node.start, node.end, name, cause, cause.prefix)
        elif self.node is not None and name in self.node.body.arguments:
            place = self._cause_of(name)
        else:
            place = Cause(cause.file, cause.start, cause.end, name, cause, cause.prefix)
        return PlanBlock(name, "", planned, place, self.module, node, self.resource)

    def _node(self, name: str, index: int) -> Nested | None:
        """Where the source writes a nested block; the contents of dynamic ones stand for all that they make."""
        if self.node is None:
            return None
        body = self.node.body
        written = list(body.of_type(name))
        if index < len(written):
            return written[index]
        for dynamic in body.of_type("dynamic"):
            if dynamic.labels[:1] == (name,):
                return next(iter(dynamic.body.of_type("content")), None)
        return None

    def names(self) -> Iterable[str]:
        names = dict.fromkeys(self.planned.values)
        if isinstance(self.planned.unknown, dict):
            names |= dict.fromkeys(self.planned.unknown)
        return [name for name in names if self.find(name) is not None or self.children(name)]

    def __repr__(self) -> str:
        return f"<{self.type} {self.name} {self.cause!r}>"


def plan_value(value: Any, unknown: Any, sensitive: Any, depth: int = 0) -> Any:
    """A planned value with its unknown and sensitive parts in place."""
    if unknown is True or depth > _MAX_DEPTH:
        return Unknown()
    if sensitive is True:
        return mark(plan_value(value, unknown, False, depth))
    if isinstance(value, float):
        return number(value)
    if isinstance(value, list):
        return [
            plan_value(item, _part(unknown, index), _part(sensitive, index), depth + 1)
            for index, item in enumerate(value)
        ]
    if isinstance(value, dict):
        keys = dict.fromkeys(value)
        if isinstance(unknown, dict):
            keys |= dict.fromkeys(key for key, part in unknown.items() if part is True)
        return {key: plan_value(value.get(key), _part(unknown, key), _part(sensitive, key), depth + 1) for key in keys}
    return value


def _part(shape: Any, key: Any) -> Any:
    """The part of a shape of booleans for a key or index."""
    if shape is True:
        return True
    if isinstance(shape, dict):
        return shape.get(key, False)
    if isinstance(shape, list) and isinstance(key, int) and key < len(shape):
        return shape[key]
    return False


def _nth(expression: Any, index: int) -> Mapping[str, Any]:
    """The expressions of a nested block: of the nth, or of the one that makes all."""
    if isinstance(expression, list) and expression:
        expression = expression[min(index, len(expression) - 1)]
    if not isinstance(expression, dict) or "references" in expression or "constant_value" in expression:
        return {}
    return expression


def _objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
