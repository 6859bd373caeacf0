"""Configuration that a check objects to."""

from typing import Literal

from msgspec import Struct

from vigie.model.advisory import Severity
from vigie.model.artifact import LayerReference


class CodeLine(Struct, frozen=True, omit_defaults=True):
    """A line of an excerpt. truncated: lines are left out here. first, last: of the run of lines that are the cause."""

    number: int
    content: str = ""
    is_cause: bool = False
    truncated: bool = False
    first: bool = False
    last: bool = False


class Occurrence(Struct, frozen=True):
    """What the cause stands in: a resource, or the call of a module that leads to it. file with its module's source in
    front; lines from 1."""

    resource: str
    file: str
    start: int
    end: int


class Origin(Struct, frozen=True):
    """Where a part of the cause's value was written: a variable's default, a local, an argument of a module."""

    name: str
    file: str
    start: int
    end: int


class Misconfiguration(Struct, frozen=True, kw_only=True, tag_field="kind", tag="misconfiguration"):
    """A check met a resource.

    type: the language (`Terraform Security Check`). names: all that ignore files may call the check, the id first.
    status: PASS findings have no place. start, end: lines from 1, 0 for none. resource: the outermost thing that has a
    name. occurrences: what the cause stands in, nearest first. rendered: the cause with values put in, "" unless asked.
    """

    type: str
    id: str
    names: tuple[str, ...]
    title: str
    description: str
    message: str
    resolution: str
    severity: Severity
    provider: str
    service: str
    namespace: str
    query: str
    primary_url: str = ""
    references: tuple[str, ...] = ()
    status: Literal["PASS", "FAIL"] = "FAIL"
    resource: str = ""
    start: int = 0
    end: int = 0
    code: tuple[CodeLine, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    origins: tuple[Origin, ...] = ()
    rendered: str = ""
    layer: LayerReference | None = None

    @property
    def tentative(self) -> bool:
        """Never: a check that cannot decide is a problem, not a finding."""
        return False
