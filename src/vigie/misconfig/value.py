"""Values of configuration: known, unknown, null or sensitive; and where they stand.

Languages evaluate to plain Python values: None (null), bool, int, float, str, list, dict, and the two classes
below. The model of resources holds `Attribute`s: a value of one type with its cause.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

UNRESOLVED = "__UNRESOLVED__"
"""Stands in a partly known text where it is not known."""

NEVER_EMPTY = (
    *("id", "arn", "name", "self_link", "identifier", "cluster_identifier", "unique_id", "key_id", "target_key_id"),
    *("target_key_arn", "execution_arn", "invoke_arn", "qualified_arn", "dns_name", "domain_name"),
    *("bucket_domain_name", "bucket_regional_domain_name"),
)
"""Computed attributes that every resource has filled once it is made."""


class Unknown:
    """A value that only exists later, or elsewhere.

    type: what is known of its type (`string`, `number`, `bool`, `list`, `set`, `map`, `object`, `any`). like: a text
    that is known but for `UNRESOLVED` parts. source and attribute: the resource whose computed attribute this is
    (`aws_s3_bucket.b.arn`), so that links between resources survive variables and outputs.
    """

    __slots__ = ("attribute", "like", "source", "type")

    def __init__(self, type: str = "any", like: str | None = None, source: Any = None, attribute: str = "") -> None:
        self.type, self.like, self.source, self.attribute = type, like, source, attribute

    @property
    def filled(self) -> bool:
        """Whether it is certainly not empty: a resource's own id, name or address, or a text with a known part."""
        return (bool(self.like) and self.like != UNRESOLVED) or (
            self.source is not None and self.attribute in NEVER_EMPTY
        )

    def __repr__(self) -> str:
        return f"Unknown({self.type!r})"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value is neither true nor false")


UNKNOWN = Unknown()


class Sensitive:
    """A value that must not be shown. Never nested in another one."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Sensitive(…)"


class Cause:
    """Where something stands: a resource, a nested block, an attribute.

    file: relative to what is scanned, prefix: the module source in front of it ("" outside of modules). Lines count
    from 1, 0 for none. name: the reference (`aws_s3_bucket.b`, `aws_s3_bucket.b.acl`, `ingress`). parent: what it
    stands in; the outermost of a Terraform resource in a module is the root-most module call. managed: False for
    placeholders (a service's defaults, the missing parent of an orphan), which have no place and are never reported.
    within: the resource it stands in where that is none of its parents; only comments that ignore look there.
    """

    __slots__ = ("end", "file", "managed", "name", "parent", "prefix", "start", "within")

    def __init__(  # noqa: PLR0917
        self,
        file: str,
        start: int,
        end: int,
        name: str = "",
        parent: Cause | None = None,
        prefix: str = "",
        managed: bool = True,
        within: Cause | None = None,
    ) -> None:
        self.file, self.start, self.end, self.name = file, start, end, name
        self.parent, self.prefix, self.managed, self.within = parent, prefix, managed, within

    @property
    def path(self) -> str:
        """The file as reports name it: the module's source in front, doubled slashes made one."""
        if not self.prefix:
            return self.file
        return "/".join(part for part in f"{self.prefix}/{self.file}".split("/") if part)

    @property
    def outermost(self) -> Cause:
        """The last of its parents, or itself."""
        cause = self
        while cause.parent is not None:
            cause = cause.parent
        return cause

    def __repr__(self) -> str:
        return f"Cause({self.file}:{self.start}-{self.end} {self.name})"


UNMANAGED = Cause("", 0, 0, managed=False)

doubts: list[Attribute[Any]] = []
"""Attributes whose unknown values were asked about since the list was last emptied: a check that finds nothing and
asked in vain could not decide. The detector empties it before each judgement."""


hidden: set[str] = set()
"""Texts of sensitive values that were read since it was last emptied, before each unit: messages must not show them."""

SHORTEST_HIDDEN = 4
"""Characters; shorter ones are parts of ordinary words."""


def hide(value: Any) -> None:
    """Takes note of a sensitive text, or of those in a list."""
    for item in value if isinstance(value, list) else (value,):
        if isinstance(item, str) and len(item) >= SHORTEST_HIDDEN:
            hidden.add(item)


class Attribute(Generic[T]):
    """The value of one attribute of a resource.

    known: False when the configuration gives a value that is not known here, or is of another type; `value` is then
    the type's zero. explicit: False for a default. filled: unknown, but certainly not empty.

    All questions answer False for an unknown value, and take note of the doubt. A check that means "unless it is
    certainly so" asks `not x.is_true`.
    """

    __slots__ = ("cause", "explicit", "filled", "known", "value")

    def __init__(self, value: T, cause: Cause, known: bool = True, explicit: bool = True, filled: bool = False) -> None:
        self.value, self.cause, self.known, self.explicit, self.filled = value, cause, known, explicit, filled

    def certain(self) -> bool:
        """Whether the value is known; takes note when it is not."""
        if not self.known:
            doubts.append(self)
        return self.known

    @property
    def is_true(self) -> bool:
        return self.certain() and self.value is True

    @property
    def is_false(self) -> bool:
        return self.certain() and self.value is False

    @property
    def is_empty(self) -> bool:
        """An empty text, 0, or an empty map."""
        return not self.filled and self.certain() and not self.value

    @property
    def is_set(self) -> bool:
        """Not empty, as far as is known."""
        return self.filled or (self.certain() and bool(self.value))

    def equals(self, *values: object) -> bool:
        """Whether the value is one of these."""
        return self.certain() and self.value in values

    def differs(self, *values: object) -> bool:
        """Whether the value is known and none of these."""
        return self.certain() and self.value not in values

    def same(self, *texts: str) -> bool:
        """As `equals`, whatever the case of the letters."""
        return self.certain() and str(self.value).lower() in (text.lower() for text in texts)

    def holds(self, test: Callable[[T], bool]) -> Attribute[bool]:
        """Whether the value passes a test, as an attribute at the same place; not known when the value is not."""
        return Attribute(self.known and test(self.value), self.cause, self.known, self.explicit)

    def below(self, number: float) -> bool:
        return self.certain() and self.value < number  # type: ignore[operator]

    def above(self, number: float) -> bool:
        return self.certain() and self.value > number  # type: ignore[operator]

    def __bool__(self) -> bool:
        raise TypeError("ask is_true, is_set, equals … of an attribute")

    def __repr__(self) -> str:
        return f"Attribute({self.value!r}{'' if self.known else ', unknown'})"
