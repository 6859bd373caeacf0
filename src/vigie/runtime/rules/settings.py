"""What settings say about rules: the keys `rules`, `priority`, `rule_matching`, `append_output`, `static_fields`."""

from __future__ import annotations

from msgspec import Struct

from vigie.model.alert import Priority

SOURCES = ("syscall", "k8s_audit")
"""Sources of events, in the order in which their rules are compiled."""


class Selection(Struct, frozen=True, kw_only=True):
    """One entry of `rules:`. enable: or disable. rule: a name in which `*` stands for anything; tag: a tag; "" for
    whichever is not given."""

    enable: bool
    rule: str = ""
    tag: str = ""


class AppendOutput(Struct, frozen=True, kw_only=True):
    """One entry of `append_output`: for rules of a source, with all of the tags, of a name ("" and () for any).

    output: template that is appended. suggested: whether fields that plugins suggest are. fields: name and template of
    more output fields; a template that is the name alone gives the typed value, any other a text.
    """

    source: str = ""
    tags: tuple[str, ...] = ()
    rule: str = ""
    output: str = ""
    suggested: bool = False
    fields: tuple[tuple[str, str], ...] = ()


class RuleSettings(Struct, frozen=True, kw_only=True):
    """priority: of the least important rules that run. first: of several rules that match an event only the first does.
    static: names of the static fields, without `static.`. sources: whose rules are compiled. schema: also compare the
    files with the JSON schema."""

    priority: Priority = Priority.Debug
    selections: tuple[Selection, ...] = ()
    append: tuple[AppendOutput, ...] = (AppendOutput(suggested=True),)
    static: tuple[str, ...] = ()
    sources: tuple[str, ...] = SOURCES
    first: bool = True
    schema: bool = False
