"""Blocks of Terraform as resources see them: evaluated, with their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vigie.misconfig.graph import Block, Found
from vigie.misconfig.languages.terraform.expression import compiled
from vigie.misconfig.languages.terraform.scope import Scope
from vigie.misconfig.languages.terraform.syntax import Argument, Nested
from vigie.misconfig.languages.terraform.values import FunctionError, LimitError, entries
from vigie.misconfig.value import UNKNOWN, Cause, Sensitive, Unknown

if TYPE_CHECKING:
    from vigie.misconfig.languages.terraform.module import Module

META = frozenset({"count", "for_each", "depends_on", "provider", "providers", "lifecycle", "provisioner", "connection"})
"""What Terraform itself reads of a resource."""


def value_of(argument: Argument, scope: Scope) -> Any:
    """The value of an argument; unknown when it cannot be evaluated."""
    expression = argument.expression
    if not isinstance(expression, tuple):
        return expression
    unit = scope.module.unit
    before, unit.current = unit.current, argument
    try:
        return (argument.code or compiled(argument))(scope)
    except LimitError as error:
        unit.exceeded(argument, str(error))
        return UNKNOWN
    except FunctionError:
        return UNKNOWN
    except RecursionError:
        unit.too_deep(argument)
        return UNKNOWN
    finally:
        unit.current = before


_CIRCLE = Found(UNKNOWN, Cause("", 0, 0))
"""What an attribute is while it is evaluated."""
_ASKED = Found(None, Cause("", 0, 0))
"""In place of an attribute that nobody has asked for."""


class TerraformBlock(Block):
    """A block that is written. resource: the resource it belongs to, itself for one."""

    __slots__ = ("_children", "_found", "_handle", "cause", "certain", "name", "node", "resource", "scope", "type")

    format = "terraform"

    def __init__(self, node: Nested, scope: Scope, type: str, name: str, cause: Cause) -> None:
        self.node, self.scope, self.type, self.name, self.cause = node, scope, type, name, cause
        self.resource: TerraformBlock = self
        self.certain = True
        self._found: dict[str, Found | None] = {}
        self._children: dict[str, Sequence[Block]] = {}
        self._handle: Unknown | None = None

    @property
    def module(self) -> Module:
        return self.scope.module

    @property
    def handle(self) -> Unknown:
        """The value that is this block as a whole."""
        if self._handle is None:
            self._handle = Unknown("object", source=self)
        return self._handle

    def find(self, name: str) -> Found | None:
        found = self._found.get(name, _ASKED)
        if found is not _ASKED:
            if found is _CIRCLE:
                self.module.warn(f"{self.cause.name}.{name} refers to itself", self.node)
            return found
        argument = self.node.body.arguments.get(name)
        if argument is None:
            return None
        self._found[name] = _CIRCLE
        value = value_of(argument, self.scope)
        found = self._found[name] = None if value is None else Found(value, self.cause_of(argument))
        return found

    def cause_of(self, argument: Argument) -> Cause:
        cause = self.cause
        name = f"{cause.name}.{argument.name}"
        return Cause(argument.source.path, argument.start, argument.end, name, cause, cause.prefix)

    def attribute(self, name: str) -> Any:
        """The value that a reference to the attribute has: computed ones are unknown, with this block as source."""
        found = self.find(name)
        if found is not None:
            return found.value
        children = self.children(name)
        if children:
            return [child.handle if isinstance(child, TerraformBlock) else UNKNOWN for child in children]
        return self.computed(name)

    def computed(self, name: str) -> Any:
        """An attribute that is not written."""
        return Unknown("any", source=self.resource, attribute=name)

    def document(self, path: str) -> Block | None:
        from vigie.misconfig.languages.terraform.trace import resources_of

        found = {id(one): one for one in resources_of(self, path) if one.type == "aws_iam_policy_document"}
        return next(iter(found.values())) if len(found) == 1 else None

    def asked(self) -> Iterable[Sequence[Block]]:
        """The nested blocks that somebody has asked for."""
        return self._children.values()

    def children(self, name: str) -> Sequence[Block]:
        children = self._children.get(name)
        if children is None:
            self._children[name] = ()
            children = self._children[name] = self._expanded(name)
        return children

    def _expanded(self, name: str) -> Sequence[Block]:
        body = self.node.body
        found: list[Block] = []
        if body.blocks:
            plain, dynamic = body.of_type(name), body.of_type("dynamic")
            dynamic = [block for block in dynamic if block.labels[:1] == (name,)] if dynamic else ()
            if dynamic:
                for node in sorted(
                    [*plain, *dynamic], key=lambda node: (node.source is not self.node.source, node.start)
                ):
                    found += self._generated(node) if node.type == "dynamic" else [self._nested(node)]
            else:
                found = [self._nested(node) for node in plain]
        if name in body.arguments and name not in META and not (found and self.node.source.json):
            written = self.find(name)
            if written is not None:
                found += objects(name, written.value, written.cause)
        return found

    def _nested(self, node: Nested) -> TerraformBlock:
        start, end, cause = node.start, node.end, self.cause
        place = Cause(node.source.path, start, end, node.type, cause, cause.prefix)
        block = TerraformBlock(node, self.scope, node.type, node.labels[0] if node.labels else "", place)
        block.resource = self.resource
        return block

    def _generated(self, node: Nested) -> list[Block]:
        """The blocks that a dynamic block makes; one with unknown iterator when nobody knows how many."""
        contents = node.body.of_type("content")
        if not contents or "for_each" not in node.body.arguments:
            return []
        content, type_ = contents[0], node.labels[0]
        iterator = node.body.arguments.get("iterator")
        name = _iterator(iterator.expression) if iterator is not None else type_
        over = value_of(node.body.arguments["for_each"], self.scope)
        over = over.value if isinstance(over, Sensitive) else over
        outer = Cause(node.source.path, node.start, node.end, f"dynamic.{type_}", self.cause, self.cause.prefix)
        certain = not isinstance(over, Unknown)
        try:
            turns = list(entries(over)) if certain and over is not None else []
        except FunctionError:
            certain = False
        if not certain:
            turns = [(UNKNOWN, UNKNOWN)]
        found: list[Block] = []
        for key, value in turns:
            if not self.module.budget.instance():
                self.module.unit.exceeded(node, self.module.budget.spent)
                break
            scope = self.scope.with_names({name: {"key": key, "value": value}})
            cause = Cause(content.source.path, content.start, content.end, "content", outer, self.cause.prefix)
            labels = node.body.arguments.get("labels")
            label = value_of(labels, scope) if labels is not None else None
            first = label[0] if isinstance(label, list) and label and isinstance(label[0], str) else ""
            block = TerraformBlock(content, scope, type_, first, cause)
            block.resource, block.certain = self.resource, certain
            found.append(block)
        return found

    def names(self) -> Iterable[str]:
        body = self.node.body
        names = dict.fromkeys(body.arguments)
        for node in body.blocks:
            names[node.labels[0] if node.type == "dynamic" and node.labels else node.type] = None
        return names

    def __repr__(self) -> str:
        return f"<{self.type} {self.name} {self.cause!r}>"


def _iterator(expression: Any) -> str:
    return expression[1] if isinstance(expression, tuple) and expression[0] == "ref" else str(expression)


class ResourceBlock(TerraformBlock):
    """An instance of a resource or data source. key: of the instance, None without count and for_each."""

    __slots__ = ("key", "mode")

    def __init__(self, node: Nested, scope: Scope, mode: str, cause: Cause, key: Any) -> None:
        super().__init__(node, scope, node.labels[0], node.labels[1], cause)
        self.mode, self.key = mode, key
        scope.block = self

    def computed(self, name: str) -> Any:
        if self.mode and self.type == "aws_iam_policy_document" and name in ("json", "minified_json"):
            return self._policy()
        if self.type.startswith("aws_s3_bucket") and name in ("id", "arn"):
            bucket = self.find("bucket")
            if bucket is not None and isinstance(bucket.value, str):
                if name == "id":
                    return bucket.value
                if self.type == "aws_s3_bucket":
                    return f"arn:aws:s3:::{bucket.value}"
        return Unknown("any", source=self, attribute=name)

    def _policy(self) -> Any:
        from vigie.misconfig.languages.terraform.policy_document import render

        document = self._found.get("json")
        if document is None:
            self._found["json"] = Found(UNKNOWN, self.cause)
            document = self._found["json"] = Found(render(self), self.cause)
        value = document.value
        if isinstance(value, Unknown) and value.source is None:
            return Unknown("string", value.like, self, "json")
        return value


class ObjectBlock(Block):
    """An object that an attribute holds, seen as a block; everything in it stands where the attribute does. An unknown
    one has every attribute, all unknown."""

    __slots__ = ("cause", "certain", "name", "type", "value")

    format = "terraform"

    def __init__(self, type: str, value: Mapping[str, Any] | Unknown, cause: Cause) -> None:
        self.type, self.name, self.value, self.cause = type, "", value, cause
        self.certain = not isinstance(value, Unknown)

    def find(self, name: str) -> Found | None:
        if isinstance(self.value, Unknown):
            return Found(UNKNOWN, self.cause)
        value = self.value.get(name)
        return None if value is None else Found(value, self.cause)

    def children(self, name: str) -> Sequence[Block]:
        found = self.find(name)
        return () if found is None else objects(name, found.value, self.cause)

    def names(self) -> Iterable[str]:
        return () if isinstance(self.value, Unknown) else self.value.keys()


def objects(name: str, value: Any, cause: Cause) -> list[Block]:
    """What an attribute holds as blocks: an object, or a list of objects."""
    if isinstance(value, Sensitive):
        value = value.value
    if isinstance(value, (dict, Unknown)):
        return [ObjectBlock(name, value, cause)]
    if isinstance(value, list):
        plain = (item.value if isinstance(item, Sensitive) else item for item in value)
        return [ObjectBlock(name, item, cause) for item in plain if isinstance(item, (dict, Unknown))]
    return []
