"""What stands in a rule file, as its author wrote it."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from vigie.model.alert import Priority
from vigie.runtime.rules.problems import Where


class Text(Struct, frozen=True):
    """A text and where it begins."""

    text: str
    where: Where


class Version(Struct, frozen=True, order=True):
    """Major, minor, patch."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def serves(self, required: Version) -> bool:
        """Whether something of this version will do where `required` is asked for."""
        return self.major == required.major and self >= required


class EngineVersion(Struct, frozen=True):
    """The engine that the rules were written for."""

    version: Version
    where: Where


class PluginVersion(Struct, frozen=True):
    """A plugin that the rules need, or others that would do."""

    name: str
    version: Version
    alternatives: tuple[tuple[str, Version], ...]
    where: Where

    @property
    def candidates(self) -> tuple[tuple[str, Version], ...]:
        """The plugin and its alternatives."""
        return ((self.name, self.version), *self.alternatives)


Values: TypeAlias = str | tuple[str | tuple[str, ...], ...]
"""One tuple of an exception's values, or the single value when the exception has a single field."""


class Exception_(Struct):
    """When a rule does not apply. fields, comps: None when not given, a text when there is one field."""

    name: str
    where: Where
    fields: str | tuple[str, ...] | None = None
    comps: str | tuple[str, ...] | None = None
    values: tuple[Values, ...] = ()


DEFINE, APPEND, OVERRIDE, TOGGLE = "define", "append", "override", "toggle"


class ListItem(Struct):
    """`list:`. how: DEFINE, APPEND, or OVERRIDE (replaces what must be there)."""

    name: str
    where: Where
    items: tuple[str, ...]
    how: str = DEFINE


class MacroItem(Struct):
    """`macro:`. how: as for lists."""

    name: str
    where: Where
    condition: Text
    how: str = DEFINE


class RuleItem(Struct, kw_only=True):
    """`rule:`. What is not given is None; `overrides` says for each key that is given whether it is appended or
    replaced. capture_duration: milliseconds, 0 for the default of the settings."""

    name: str
    where: Where
    how: str = DEFINE
    overrides: dict[str, str] = {}
    condition: Text | None = None
    output: Text | None = None
    desc: str | None = None
    priority: Priority | None = None
    source: str | None = None
    enabled: bool | None = None
    tags: tuple[str, ...] | None = None
    warn_evttypes: bool | None = None
    skip_if_unknown_filter: bool | None = None
    exceptions: tuple[Exception_, ...] | None = None
    capture: bool | None = None
    capture_duration: int | None = None


Item: TypeAlias = EngineVersion | PluginVersion | ListItem | MacroItem | RuleItem


class CompiledRule(Struct, frozen=True, kw_only=True):
    """What is told of a rule when it matches. tags: sorted. output: the template, with all that was appended to it.
    capture: record events around a match, for `capture_duration` milliseconds (0: as the settings say). events: names
    of the event types it looks at, () for all. runs: it is tried, not only known."""

    name: str
    priority: Priority
    source: str
    output: str
    tags: tuple[str, ...] = ()
    capture: bool = False
    capture_duration: int = 0
    events: tuple[str, ...] = ()
    runs: bool = True
