"""What languages give to the resources: blocks with attributes, and how blocks point at each other.

A block is a resource or a part of one, whatever the language. `path`s are dotted: all names but the last are nested
blocks (the first of each), the last an attribute: `configuration.result.enforce`. The names are the language's own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from vigie.misconfig.value import Attribute, Cause, Sensitive, Unknown, hide


class Found(NamedTuple):
    """An attribute as evaluated: a value of `value.py`, and where it stands."""

    value: Any
    cause: Cause


class Block(ABC):
    """A resource or a nested block.

    format: `terraform`, `cloudformation`. type: `aws_s3_bucket`, `AWS::S3::Bucket`; of a nested block its name.
    name: the label or logical id. cause: where it stands. certain: False for a nested block that stands for all those
    of an unknown `for_each`: there may be none.
    """

    format: str
    type: str
    name: str
    cause: Cause
    certain: bool = True

    @abstractmethod
    def find(self, name: str) -> Found | None:
        """The attribute of this name, None when it is not written (or is null)."""

    @abstractmethod
    def children(self, name: str) -> Sequence[Block]:
        """Nested blocks of this name; also what an attribute holds as an object or a list of objects."""

    @abstractmethod
    def names(self) -> Iterable[str]:
        """Names of the attributes and nested blocks that are written."""

    def blocks(self, path: str) -> Sequence[Block]:
        """All blocks at a dotted path, through every block on the way."""
        level: Sequence[Block] = (self,)
        for name in path.split("."):
            level = [child for block in level for child in block.children(name)]
        return level

    def block(self, path: str) -> Block | None:
        """The first block at a dotted path."""
        block: Block | None = self
        for name in path.split("."):
            children = block.children(name) if block is not None else ()
            block = children[0] if children else None
        return block

    def raw(self, path: str) -> tuple[Found | None, Cause]:
        """The attribute at a dotted path, and its cause, or that of the deepest block there is."""
        block: Block = self
        *outer, name = path.split(".")
        for step in outer:
            children = block.children(step)
            if not children:
                return None, block.cause
            block = children[0]
        found = block.find(name)
        return found, found.cause if found is not None else block.cause

    def has(self, path: str) -> bool:
        """Whether the attribute or block is written."""
        return self.raw(path)[0] is not None or self.block(path) is not None

    def presence(self, path: str) -> Attribute[bool]:
        """Whether a nested block is there, at its place or at that of the deepest block there is; not known when it
        may be there."""
        block: Block = self
        for name in path.split("."):
            children = block.children(name)
            if not children:
                return Attribute(False, block.cause, explicit=False)
            block = children[0]
            if not block.certain:
                return Attribute(False, block.cause, known=False)
        return Attribute(True, block.cause)

    def document(self, path: str) -> Block | None:
        """The data source that renders the policy in the attribute at a dotted path; None when it is written there,
        or several could be it."""
        return None

    def string(self, path: str, default: str = "") -> Attribute[str]:
        """A text. Numbers and booleans become text; anything else is not known."""
        found, cause = self.raw(path)
        if found is None:
            return Attribute(default, cause, explicit=False)
        return text(found.value, cause)

    def boolean(self, path: str, default: bool = False) -> Attribute[bool]:
        """A truth value, by the language's own reading of texts and numbers."""
        found, cause = self.raw(path)
        if found is None:
            return Attribute(default, cause, explicit=False)
        value = self.truth(plain(found.value))
        return Attribute(value or False, cause, known=value is not None)

    def integer(self, path: str, default: int = 0) -> Attribute[int]:
        """A whole number; texts of digits count."""
        found, cause = self.raw(path)
        if found is None:
            return Attribute(default, cause, explicit=False)
        value = plain(found.value)
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            return Attribute(0, cause, known=False)
        try:
            return Attribute(int(value), cause)
        except (ValueError, OverflowError):
            return Attribute(0, cause, known=False)

    def strings(self, path: str) -> list[Attribute[str]]:
        """A list of texts; one unknown element when the whole list is not known, or a single text."""
        found, cause = self.raw(path)
        if found is None:
            return []
        value = plain(found.value)
        if isinstance(value, (list, tuple)):
            return [text(item, cause) for item in value]
        return [text(value, cause)]

    def mapping(self, path: str) -> Attribute[Mapping[str, str]]:
        """A map of texts; entries that are none, or not known, are left out, but make it no empty one."""
        found, cause = self.raw(path)
        if found is None:
            return Attribute({}, cause, explicit=False)
        value = plain(found.value)
        if not isinstance(value, dict):
            return Attribute({}, cause, known=False)
        return Attribute({str(k): v for k, v in value.items() if isinstance(v, str)}, cause, filled=bool(value))

    def truth(self, value: Any) -> bool | None:
        """A value read as a boolean; None when it is none. Languages may read more."""
        if isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            return value > 0
        if isinstance(value, str):
            return {"true": True, "false": False}.get(value.lower())
        return None


class Graph(ABC):
    """The resources of one project: a root module with its children, a template with those nested in it."""

    format: str

    @abstractmethod
    def resources(self, *types: str) -> Sequence[Block]:
        """The resources of these types, in the order of files and lines, types in the order asked for."""

    @abstractmethod
    def types(self) -> Iterable[str]:
        """All types of resources there are (`aws_s3_bucket`; data sources as `data.aws_iam_policy_document`)."""

    def data(self, *types: str) -> Sequence[Block]:
        """Data sources of these types."""
        return ()

    def providers(self, name: str) -> Sequence[Block]:
        """Configurations of a Terraform provider."""
        return ()

    @abstractmethod
    def target(self, block: Block, path: str, *types: str) -> Block | None:
        """The resource of one of these types that the attribute points at: by expression first, then by an equal
        name."""

    def targets(self, block: Block, path: str, *types: str) -> list[Block]:
        """The resources of these types that the elements of a list point at, each as by `target`; elements that point
        at none are left out. Languages that know their lists override this."""
        found = self.target(block, path, *types)
        return [] if found is None else [found]

    def pointing(self, block: Block, path: str, *types: str) -> list[Block]:
        """The resources of these types whose attribute at `path` points at `block`."""
        return [other for other in self.resources(*types) if self.target(other, path, block.type) is block]

    def linked(self, types: Iterable[str], path: str, *parents: str) -> dict[Block | None, list[Block]]:
        """The resources of these types by the resource, of the types of `parents`, that their attribute at `path`
        points at; None: those that point at none. One pass, where `pointing` for each parent would be quadratic."""
        found: dict[Block | None, list[Block]] = {}
        for block in self.resources(*types):
            found.setdefault(self.target(block, path, *parents), []).append(block)
        return found


def plain(value: Any) -> Any:
    """A value without the mark of being sensitive; what it says is kept out of messages."""
    if isinstance(value, Sensitive):
        hide(value.value)
        return value.value
    return value


def text(value: Any, cause: Cause) -> Attribute[str]:
    """A value as a text attribute."""
    value = plain(value)
    if isinstance(value, str):
        return Attribute(value, cause)
    if isinstance(value, bool):
        return Attribute(str(value).lower(), cause)
    if isinstance(value, (int, float)):
        return Attribute(f"{value:g}" if isinstance(value, float) else str(value), cause)
    return Attribute("", cause, known=False, filled=isinstance(value, Unknown) and value.filled)
