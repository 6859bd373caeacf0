"""The tables that `vigie watch` lists: fields, and event types. The forms are the peer's: text, markdown, JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from itertools import groupby

from vigie._core import event_types, fields, generic_syscalls
from vigie.runtime.rules.settings import SOURCES

CLASSES: dict[str, tuple[str, str]] = {
    "evt": ("When an event was and where it came from.", ""),
    "evt/syscall": ("What the event itself was: its type, parameters and outcome.", "syscall"),
    "process": ("The thread and process that caused the event, and their ancestors.", "syscall"),
    "user": ("The user the thread acts as, and the one who logged in.", "syscall"),
    "group": ("The group the thread acts as.", "syscall"),
    "fd": ("The file, socket or other descriptor the event is about.", "syscall"),
    "fs.path": ("Paths that file system calls name, as text and made absolute.", "syscall"),
    "fdlist": ("The descriptors a poll call waits for.", "syscall"),
    "container": ("The container the thread runs in.", "syscall"),
    "k8s": ("The Kubernetes pod of the container.", "syscall"),
    "ka": ("Kubernetes audit events.", "k8s_audit"),
    "json": ("Any part of a Kubernetes audit event.", "k8s_audit"),
    "jevt": ("As json, for older rules.", "k8s_audit"),
    "static": ("Values that the settings add to every event (static_fields).", ""),
    "util": ("Counters for experiments.", "syscall"),
}
"""Class → what its fields tell, and the one source they exist for; empty for all. What follows a slash is no part of
its name: it tells apart classes of one name."""

OF_ANY_SOURCE = frozenset(
    f"evt.{name}"
    for name in (
        *("num", "time", "time.s", "time.iso8601", "datetime", "datetime.s", "rawtime", "rawtime.s", "rawtime.ns"),
        *("reltime", "reltime.s", "reltime.ns", "pluginname", "plugininfo", "source", "is_async", "asynctype"),
        "hostname",
    )
)
"""Fields of the class evt that rules of every source may use."""

HIDDEN = ("hidden", "table_only")
WIDTH = 30


def field_names(source: str = "") -> str:
    """A name a line."""
    return "".join(f"{name}\n" for _, name, *_ in _shown(source))


def field_table(form: str, source: str = "") -> str:
    """All fields of a source, or of all sources, by class. form: text, markdown, json."""
    classes = [(name, list(rows)) for name, rows in groupby(_shown(source), key=_class_of)]
    if form == "json":
        return json.dumps({"fieldclasses": [_class_document(name, rows) for name, rows in classes]}, indent=2) + "\n"
    write = _class_markdown if form == "markdown" else _class_text
    return "\n".join(write(name, rows) for name, rows in classes)


def _shown(source: str) -> Iterable[tuple[str, str, str, str, bool, list[str], str]]:
    order = list(CLASSES)
    rows = [row for row in fields() if not set(row[5]) & set(HIDDEN)]
    rows = [row for row in rows if not source or CLASSES[_class_of(row)][1] in ("", source)]
    return sorted(rows, key=lambda row: order.index(_class_of(row)))


def _class_of(row: tuple[str, str, str, str, bool, list[str], str]) -> str:
    return "evt/syscall" if row[0] == "evt" and row[1] not in OF_ANY_SOURCE else row[0]


def _title(name: str) -> str:
    return name.partition("/")[0]


def _sources(name: str) -> str:
    return CLASSES[name][1] or ", ".join(SOURCES)


def _described(row: tuple[str, str, str, str, bool, list[str], str]) -> str:
    """The description with what the other columns say, as a sentence."""
    _, _, kind, argument, is_list, flags, description = row
    notes = [f"Type: {kind}{' list' if is_list else ''}"]
    if argument:
        needed = "optional" if argument.endswith("?") else "required"
        notes.append(f"Argument: {argument.rstrip('?').replace('|', ' or ')}, {needed}")
    notes += ["Deprecated"] if "deprecated" in flags else []
    return f"{description} ({'; '.join(notes)})"


def _class_text(name: str, rows: list[tuple[str, str, str, str, bool, list[str], str]]) -> str:
    lines = ["-" * 31, f"{'Field Class:':<{WIDTH}}{_title(name)}", f"{'Description:':<{WIDTH}}{CLASSES[name][0]}"]
    lines += [f"{'Event Sources:':<{WIDTH}}{_sources(name)}", ""]
    for row in rows:
        wrapped = textwrap.wrap(_described(row), 100 - WIDTH) or [""]
        if len(row[1]) < WIDTH:
            lines.append(f"{row[1]:<{WIDTH}}{wrapped[0]}")
        else:
            lines += [row[1], f"{'':<{WIDTH}}{wrapped[0]}"]
        lines += [f"{'':<{WIDTH}}{line}" for line in wrapped[1:]]
    return "\n".join(lines) + "\n"


def _class_markdown(name: str, rows: list[tuple[str, str, str, str, bool, list[str], str]]) -> str:
    lines = [f"## Field Class: {_title(name)}", "", CLASSES[name][0], "", f"Event Sources: {_sources(name)}", ""]
    lines += ["Name | Type | Description", ":----|:-----|:-----------"]
    for row in rows:
        kind = f"LIST({row[2].upper()})" if row[4] else row[2].upper()
        lines.append(f"`{row[1]}` | {kind} | {row[6]}")
    return "\n".join(lines) + "\n"


def _class_document(
    name: str, rows: list[tuple[str, str, str, str, bool, list[str], str]]
) -> dict[str, str | list[str] | list[dict[str, object]]]:
    return {
        "name": _title(name),
        "desc": CLASSES[name][0],
        "event_sources": _sources(name).split(", "),
        "fields": [
            {
                "name": row[1],
                "desc": row[6],
                "type": row[2],
                "is_list": row[4],
                "argument": row[3],
                "deprecated": "deprecated" in row[5],
            }
            for row in rows
        ],
    }


EVENT_GROUPS = {
    "Syscall events": "syscall",
    "Tracepoint events": "tracepoint",
    "Plugin events": "plugin",
    "Metaevents": "metaevent",
}


def event_table(form: str) -> str:
    """The event types that rules can meet. form: text, markdown, json."""
    rows = [row for row in event_types() if not {"old_version", "unused"} & set(row[5]) and _reaches_rules(row)]
    groups = [(title, [row for row in rows if row[4] == origin]) for title, origin in EVENT_GROUPS.items()]
    if form == "json":
        document = {
            title: [
                {
                    "name": name,
                    "dir": "<" if is_exit else ">",
                    "params": [{"name": param, "type": kind} for param, kind in params],
                }
                for _, name, is_exit, _, _, _, params in rows
            ]
            for title, rows in groups
        }
        return json.dumps(document, indent=2) + "\n"
    if form == "markdown":
        sections = []
        for title, rows in groups:
            lines = [f"## {title}", "", "Dir | Name | Params", ":---|:-----|:------"]
            lines += [
                f"`{'<' if is_exit else '>'}` | `{name}` | {', '.join(f'{kind.upper()} **{p}**' for p, kind in params)}"
                for _, name, is_exit, _, _, _, params in rows
            ]
            sections.append("\n".join(lines) + "\n")
        return "\n".join(sections)
    return "".join(
        f"{'<' if is_exit else '>'} {name}({', '.join(f'{kind.upper()} {param}' for param, kind in params)})\n"
        for _, rows in groups
        for _, name, is_exit, _, _, _, params in rows
    )


def _reaches_rules(row: tuple[int, str, bool, str, str, list[str], list[tuple[str, str]]]) -> bool:
    """Enter events of system calls only update the state."""
    return row[2] or row[4] != "syscall"


def generic_calls() -> str:
    """The system calls that have no event type of their own: rules see their name alone. `, a, b, …`."""
    return "".join(f" {name}," for name in generic_syscalls()).rstrip(",")
