"""Loops and includes: `Fn::ForEach` is unrolled, local files of `AWS::Include` are put in.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping as Values
from typing import Any

from vigie.misconfig.language import Files
from vigie.misconfig.languages.cloudformation.nodes import Spot, function, mapping_of, sequence_of
from vigie.misconfig.languages.cloudformation.scope import Scope
from vigie.misconfig.languages.cloudformation.template import Refusal, fragment
from vigie.misconfig.languages.yaml_nodes import Mapping, Sequence, written
from vigie.misconfig.value import UNRESOLVED
from vigie.model.inventory import Problem

MOST_NODES = 100_000
"""What the loops of one template may make."""
LONG_TEXT = 64
"""A text counts once more for each of these many characters."""
MOST_INCLUDES = 40
LOOP = "Fn::ForEach::"


def below(path: str, name: str) -> str | None:
    """The path of a file named in the file at `path`; None for a URL, and for one outside of the root."""
    if "://" in name or name.startswith("/") or "\\" in name or not name.isprintable() or not name:
        return None
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    return None if found.startswith("../") or found in ("..", ".") else found


class Expansion:
    """The expansion of one template."""

    def __init__(self, scope: Scope, files: Files, problems: list[Problem]) -> None:
        self._scope, self._files, self._problems = scope, files, problems
        self._left, self._includes = MOST_NODES, MOST_INCLUDES
        self._spent = False

    def whole(self, document: Mapping) -> None:
        """Puts the sections of a file into the template that includes it as a whole."""
        for key in ("Transform", "Fn::Transform"):
            included = self._include(document.get(key), document.line(key), {}) if key in document else None
            for name, content in (included or {}).items():
                own = document.get(name)
                if isinstance(own, Mapping) and isinstance(content, Mapping):
                    own.places.update({inner: content.places[inner] for inner in content if inner not in own})
                    own.update({inner: content[inner] for inner in content if inner not in own})
                elif own is None:
                    document[name], document.places[name] = content, document.places[key]

    def section(self, node: Mapping) -> Mapping:
        """A section without loops and includes."""
        expanded = self._node(node, {})
        return expanded if isinstance(expanded, Mapping) else node

    def _problem(self, line: int, what: str) -> None:
        self._problems.append(Problem(f"{self._scope.file}:{line}", what))

    def _node(self, node: Any, names: Values[str, str]) -> Any:
        if isinstance(node, str):
            self._left -= len(node) // LONG_TEXT if names else 0
            return _replaced(node, names) if names else node
        if not isinstance(node, (Mapping, Sequence)):
            return node
        self._left -= len(node) + 1
        if isinstance(node, Sequence):
            spots = [Spot(self._node(inner, names), place[0], place[2]) for inner, place in _placed(node)]
            return sequence_of(spots, node)
        if names and function(node) == "Ref" and isinstance(node["Ref"], str) and node["Ref"] in names:
            return names[node["Ref"]]
        entries: dict[str, Any] = {}
        places: dict[str, tuple[int, int, int, int, int]] = {}
        for key, value in node.items():
            if key.startswith(LOOP):
                made = self._loop(key, value, node.line(key), names)
            elif key == "Fn::Transform" and (included := self._include(value, node.line(key), names)) is not None:
                made = included
            else:
                name = _replaced(key, names) if names else key
                entries[name], places[name] = self._node(value, names), node.places[key]
                continue
            entries.update(made)
            places.update(made.places)
        return mapping_of(entries, places, node)

    def _loop(self, key: str, loop: Any, line: int, names: Values[str, str]) -> Mapping:
        """What a loop makes: for each value of the collection its entries with the value put in."""
        like = loop if isinstance(loop, Sequence) else Sequence()
        if not isinstance(loop, Sequence):
            like.start, like.column, like.end = line, 1, line
        made = mapping_of({}, {}, like)
        if len(like) != 3 or not isinstance(like[0], str) or not isinstance(like[2], Mapping):
            self._problem(line, f"{key} is no loop: it takes a name, a list and a map")
            return made
        values = self._scope.value(self._node(like[1], names))
        if not isinstance(values, list):
            # Nobody knows how often; what it makes is judged once.
            values = [UNRESOLVED]
        for value in values:
            text = written(value) or UNRESOLVED
            if self._left <= 0:
                if not self._spent:
                    self._problem(line, f"{key} makes too much; the rest is left out")
                self._spent = True
                break
            round_ = self._node(like[2], {**names, like[0]: text})
            made.update(round_)
            made.places.update(round_.places)
        return made

    def _include(self, argument: Any, line: int, names: Values[str, str]) -> Mapping | None:
        """The content of the file an `AWS::Include` names, at the place where it is included; None for other macros."""
        if not isinstance(argument, Mapping) or argument.get("Name") != "AWS::Include":
            return None
        given = argument.get("Parameters")
        location = self._scope.value(self._node(given.get("Location"), names)) if isinstance(given, Mapping) else None
        nothing = mapping_of({}, {}, argument)
        self._includes -= 1
        path = below(self._scope.file, location) if isinstance(location, str) else None
        data = self._files.read(path) if path is not None and self._includes > 0 else None
        if path is None or data is None:
            shown = location if isinstance(location, str) else "a file"
            self._problem(line, f"{shown} cannot be included: only files beneath the root are, and so many of them")
            return nothing
        try:
            content = fragment(path, data)
        except Refusal as refusal:
            self._problem(line, f"{path} cannot be included: it {refusal.what}")
            return nothing
        if not isinstance(content, Mapping):
            self._problem(line, f"{path} cannot be included: it holds no map")
            return nothing
        self._left -= _stand(content, line)
        content = self._node(content, names) if self._left > 0 else nothing
        return content if isinstance(content, Mapping) else nothing


def _placed(node: Sequence) -> Any:
    return zip(node, node.places, strict=True)


def _replaced(text: str, names: Values[str, str]) -> str:
    """`${Name}` stands for a value, `&{Name}` for its letters and digits."""
    if "{" in text:
        for name, value in names.items():
            text = text.replace(f"${{{name}}}", value)
            if f"&{{{name}}}" in text:
                text = text.replace(f"&{{{name}}}", "".join(filter(str.isalnum, value)))
    return text


def _stand(node: Any, line: int) -> int:
    """Puts a node and all in it on one line. Returns how many there are."""
    count = 1
    if isinstance(node, Mapping):
        node.start = node.end = line
        node.places = dict.fromkeys(node, (line, 1, line, 1, line))
        count += sum(_stand(inner, line) for inner in node.values())
    elif isinstance(node, Sequence):
        node.start = node.end = line
        node.places = [(line, 1, line) for _ in node]
        count += sum(_stand(inner, line) for inner in node)
    return count
