"""Lists of fields and event types: all that rules can use, and nothing they cannot, in three forms that agree."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from vigie._core import Condition, Rules, fields
from vigie.runtime import listing

ROWS = {row[1]: row for row in fields()}
SOURCES = ("syscall", "k8s_audit")
WIDEST = 100


def usable(name: str, source: str) -> bool:
    """Whether the rules of a source may name a field, with an argument where it needs one."""
    argument = ROWS[name][3]
    needed = f"{name}[1]" if argument and not argument.endswith("?") else name
    for field in (needed, f"{name}[a]", f"{name}.a"):
        for condition, output in ((f"{field} exists", "x"), ("evt.num = 1", f"%{field}")):
            try:
                Rules(source).add("r", Condition(condition), output)
            except ValueError as error:
                # What is wrong with an argument, or with where a field stands, is said of fields that exist.
                if error.args[0] != "field" and not re.search("is (no|a) field", error.args[1]):
                    return True
            else:
                return True
    return False


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_listed_for_a_source_is_what_its_rules_may_use(source: str) -> None:
    listed = listing.field_names(source).splitlines()
    assert len(set(listed)) == len(listed)
    for name, row in ROWS.items():
        if name.startswith("static."):
            continue
        if {"hidden", "table_only"} & set(row[5]):
            assert name not in listed
        else:
            assert (name in listed) is usable(name, source), name


def test_without_a_source_all_are_listed() -> None:
    every = listing.field_names().splitlines()
    assert set(every) == {name for source in SOURCES for name in listing.field_names(source).splitlines()}
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("source", ["", *SOURCES])
def test_forms_agree(source: str) -> None:
    names = listing.field_names(source).splitlines()
    document = json.loads(listing.field_table("json", source))
    assert [field["name"] for group in document["fieldclasses"] for field in group["fields"]] == names
    assert re.findall(r"^`([^`]+)` \|", listing.field_table("markdown", source), re.MULTILINE) == names
    text = listing.field_table("text", source)
    assert [line.split(" ")[0] for line in text.splitlines() if line.startswith(tuple(names))] == names
    assert max(map(len, text.splitlines())) <= WIDEST


def test_classes_say_which_sources_have_them() -> None:
    document = json.loads(listing.field_table("json"))
    classes = [(group["name"], group["event_sources"]) for group in document["fieldclasses"]]
    assert classes[0] == ("evt", ["syscall", "k8s_audit"])
    assert classes[1] == ("evt", ["syscall"])
    assert ("ka", ["k8s_audit"]) in classes
    assert all(group["fields"] for group in document["fieldclasses"])


def field(name: str) -> dict[str, Any]:
    document = json.loads(listing.field_table("json"))
    (found,) = [one for group in document["fieldclasses"] for one in group["fields"] if one["name"] == name]
    assert isinstance(found, dict)
    return found


def test_a_field_is_described() -> None:
    assert field("proc.pid")["type"] == "int64"
    assert field("proc.aname")["argument"] == "index?"
    assert field("ka.user.groups")["is_list"]
    assert field("evt.dir")["deprecated"]
    assert not field("evt.type")["deprecated"]
    assert "proc.aname " in listing.field_table("text")


def test_event_types_are_those_that_reach_rules() -> None:
    """163 exits of system calls, 4 tracepoints, of the peer's table; enters only update the state."""
    document = json.loads(listing.event_table("json"))
    assert list(document) == ["Syscall events", "Tracepoint events", "Plugin events", "Metaevents"]
    calls = document["Syscall events"]
    assert len(calls) == 163
    assert {event["dir"] for event in calls} == {"<"}
    assert len(document["Tracepoint events"]) == 4
    assert {"pluginevent"} == {event["name"] for event in document["Plugin events"]}
    (openat,) = [event for event in calls if event["name"] == "openat"]
    assert [(param["name"], param["type"]) for param in openat["params"]] == [
        ("fd", "fd"),
        ("dirfd", "fd"),
        ("name", "fsrelpath"),
        ("flags", "flags32"),
        ("mode", "uint32"),
        ("dev", "uint32"),
        ("ino", "uint64"),
    ]


def test_forms_of_event_types_agree() -> None:
    document = json.loads(listing.event_table("json"))
    every = [(event["dir"], event["name"]) for group in document.values() for event in group]
    text = [line.partition("(")[0].split(" ") for line in listing.event_table("text").splitlines()]
    assert [tuple(pair) for pair in text] == every
    assert re.findall(r"^`([<>])` \| `(\w+)` \|", listing.event_table("markdown"), re.MULTILINE) == every
