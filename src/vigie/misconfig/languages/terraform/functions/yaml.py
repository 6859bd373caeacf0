"""YAML as Terraform reads and writes it: one document; aliases share their value, merges are bounded."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from vigie.misconfig.languages.terraform.values import (
    MAX_ITEMS,
    FunctionError,
    LimitError,
    entries,
    format_number,
    survey,
)
from vigie.misconfig.languages.terraform.values import number as one_form

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = "tag:yaml.org,2002:"
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def yamldecode(text: str) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        reader = _Reader(yaml.parse(text, loader))
        value = reader.document()
    except yaml.YAMLError as error:
        raise FunctionError("not YAML") from error
    survey(value)
    return value


class _Reader:
    """Events to a value."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, Any] = {}
        self._merged = 0

    def document(self) -> Any:
        self._next("StreamStart")
        event = next(self._events)
        if _kind(event) == "StreamEnd":
            return None
        value = self._value(next(self._events))
        self._next("DocumentEnd")
        if _kind(next(self._events)) != "StreamEnd":
            raise FunctionError("more than one document")
        return value

    def _next(self, kind: str) -> None:
        if _kind(next(self._events)) != kind:
            raise FunctionError("not YAML")

    def _value(self, event: Any) -> Any:
        kind = _kind(event)
        if kind == "Alias":
            if event.anchor not in self._anchors:
                raise FunctionError(f"no anchor {event.anchor}")
            return self._anchors[event.anchor]
        if kind == "Scalar":
            value = _scalar(event)
        elif kind == "SequenceStart":
            value = []
            while _kind(item := next(self._events)) != "SequenceEnd":
                value.append(self._value(item))
        else:
            value = self._mapping()
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _mapping(self) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while _kind(event := next(self._events)) != "MappingEnd":
            plain = _kind(event) == "Scalar" and event.value == "<<" and event.implicit[0]
            key = self._value(event)
            value = self._value(next(self._events))
            if plain:
                self._merge(merged, value)
            elif isinstance(key, (dict, list)) or key is None:
                raise FunctionError("the keys of a map must be texts")
            else:
                own[key if isinstance(key, str) else _plain(key)] = value
        return {**merged, **own}

    def _merge(self, into: dict[str, Any], value: Any) -> None:
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, dict):
                raise FunctionError("<< takes a map or a list of maps")
            self._merged += len(part)
            if self._merged > MAX_ITEMS:
                raise LimitError("too much is merged")
            for key, item in part.items():
                into.setdefault(key, item)


def _kind(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


def _plain(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else format_number(value)


def _scalar(event: Any) -> Any:
    text: str = event.value
    tag = (event.tag or "").removeprefix(_TAG)
    if tag in ("str", "!") or (not tag and not event.implicit[0]):
        return text
    if tag == "binary":
        try:
            return base64.b64encode(base64.b64decode(text, validate=False)).decode()
        except ValueError as error:
            raise FunctionError("not base64") from error
    if tag not in ("", "bool", "null", "int", "float", "timestamp"):
        raise FunctionError(f"the tag {event.tag} is not known")
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in "+-.0123456789" else text


def _number(text: str) -> Any:
    digits = text.replace("_", "")
    if found := re.fullmatch(r"([+-]?)0(?:x([0-9a-fA-F]{1,200})|o?([0-7]{1,300})|b([01]{1,900}))", digits):
        base, part = (16, found[2]) if found[2] else (8, found[3]) if found[3] else (2, found[4])
        return int(part, base) * (-1 if found[1] == "-" else 1)
    if re.fullmatch(r"[+-]?\d{1,1000}", digits):
        return int(digits)
    if re.fullmatch(r"[+-]?(\.\d+|\d+(\.\d*)?)([eE][+-]?\d{1,4})?", digits):
        return one_form(float(digits))
    if digits.lstrip("+-").lower() in (".inf", ".nan"):
        raise FunctionError("infinities and NaN are no numbers here")
    return text


def yamlencode(value: Any) -> str:
    lines: list[str] = []
    _block(value, "", lines)
    return "\n".join(lines) + "\n"


def _block(value: Any, indent: str, lines: list[str]) -> None:
    """The lines of a value; the first without its indentation, for what stands before it (`- `)."""
    if isinstance(value, list) and value:
        for item in value:
            part: list[str] = []
            _block(item, indent + "  ", part)
            lines.append(f"{indent if lines else ''}- {part[0]}")
            lines.extend(part[1:])
    elif isinstance(value, dict) and value:
        for key, item in entries(value):
            head = f"{indent if lines else ''}{_quoted(key)}:"
            part = []
            if isinstance(item, dict) and item:
                _block(item, indent + "  ", part)
                lines += [head, indent + "  " + part[0], *part[1:]]
            elif isinstance(item, list) and item:
                _block(item, indent, part)
                lines += [head, indent + part[0], *part[1:]]
            else:
                _block(item, indent + "  ", part)
                lines += [f"{head} {part[0]}", *part[1:]]
    elif isinstance(value, str) and "\n" in value and value.strip("\n"):
        body = value.removesuffix("\n")
        keep = "-" if body == value else "+" if body.endswith("\n") else ""
        hint = "2" if body.lstrip("\n").startswith(" ") else ""
        lines.append(f"|{hint}{keep}")
        lines += [(indent or "  ") + line if line else "" for line in body.split("\n")]
    else:
        lines.append(_inline(value))


def _inline(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if value is None:
        return "null"
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return _plain(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
