"""Values of mappings in rule files, checked and typed."""

from __future__ import annotations

import re

from vigie.runtime.rules.document import Entry, Node
from vigie.runtime.rules.items import Text, Version
from vigie.runtime.rules.problems import Unfit, Where

SHAPE = "LOAD_ERR_YAML_VALIDATE"

TRUTHS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
NUMBER = re.compile(r"[0-9]{1,9}")
_VERSION = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})(?:[-+][0-9A-Za-z.+-]*)?")


class Fields:
    """The entries of one mapping."""

    def __init__(self, node: Node, where: Where) -> None:
        if not isinstance(node.value, dict):
            raise Unfit(SHAPE, "a mapping of keys to values is expected here", where)
        self.entries: dict[str, Entry] = node.value
        self.where = where

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def at(self, key: str) -> Where:
        """The place of a key's value."""
        return self.where.inside("value for", key, self.entries[key].node.at)

    def _node(self, key: str) -> Node:
        if key not in self.entries:
            raise Unfit(SHAPE, f"the key '{key}' is missing", self.where)
        return self.entries[key].node

    def text(self, key: str, *, required: bool = True) -> str:
        """A scalar as written, trimmed; "" only when it is not required."""
        node = self._node(key)
        if node.value is None:
            if required:
                raise Unfit(SHAPE, f"the key '{key}' has no value", self.at(key))
            return ""
        if not isinstance(node.value, str):
            raise Unfit(SHAPE, f"the value of '{key}' is to be a text", self.at(key))
        text = node.value.strip(" \t\r\n")
        if required and not text:
            raise Unfit(SHAPE, f"the value of '{key}' is empty", self.at(key))
        return text

    def placed(self, key: str, kind: str) -> Text:
        """A text that is compiled later, under the name of what it is."""
        text = self.text(key)
        return Text(text, self.where.inside(kind, "", self.entries[key].node.at))

    def truth(self, key: str) -> bool | None:
        """A boolean; None when the key is absent."""
        if key not in self.entries:
            return None
        truth = TRUTHS.get(self.text(key))
        if truth is None:
            raise Unfit(SHAPE, f"the value of '{key}' is to be true or false", self.at(key))
        return truth

    def number(self, key: str) -> int | None:
        """A whole number from 0; None when the key is absent."""
        if key not in self.entries:
            return None
        text = self.text(key)
        if not NUMBER.fullmatch(text):
            raise Unfit(SHAPE, f"the value of '{key}' is to be a whole number", self.at(key))
        return int(text)

    def nodes(self, key: str) -> list[Node]:
        """The items of a list."""
        node = self._node(key)
        if not isinstance(node.value, list):
            raise Unfit(SHAPE, f"the value of '{key}' is to be a list", self.at(key))
        return node.value

    def texts(self, key: str, kind: str = "list item") -> tuple[str, ...]:
        """The items of a list of scalars."""
        nodes = self.nodes(key)
        inside = self.at(key)
        return tuple(scalar(node, inside, kind) for node in nodes)

    def version(self, key: str, *, number: bool = False) -> Version:
        """Three numbers, or with `number` also a single one, which is the minor version."""
        text = self.text(key)
        if number and NUMBER.fullmatch(text):
            return Version(0, int(text), 0)
        match = _VERSION.fullmatch(text)
        if match is None:
            raise Unfit(SHAPE, f"'{text}' is not a version such as 0.10.0", self.at(key))
        return Version(*map(int, match.groups()))


def scalar(node: Node, inside: Where, kind: str) -> str:
    """The text of a list's item."""
    if not isinstance(node.value, str):
        raise Unfit(SHAPE, "a text is expected here", inside.inside(kind, "", node.at))
    return node.value
