"""`data.aws_iam_policy_document`: the JSON that the AWS provider makes of it.

Documents are laid over each other: source documents first, then the block's own statements, then override documents. A
statement takes the place of an earlier one with the same sid; others are appended.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from vigie.misconfig.graph import Block, plain
from vigie.misconfig.value import UNRESOLVED, Unknown

VERSION = "2012-10-17"
MOST_STATEMENTS = 5_000
_MAX_DOCUMENT = 1 << 20


def render(block: Block) -> str | Unknown:
    """The document as text; unknown, and like the text with `UNRESOLVED` parts, when not all of it is known."""
    document = _Document()
    for path in ("source_json", "source_policy_documents"):
        document.lay_all(_documents(block, path))
    document.lay(_own(block))
    for path in ("override_policy_documents", "override_json"):
        document.lay_all(_documents(block, path))
    text = document.text()
    return Unknown("string", text) if UNRESOLVED in text else text


class _Document:
    """Documents laid over each other."""

    def __init__(self) -> None:
        self._id: Any = ""
        self._version: Any = ""
        self._statements: list[Any] = []
        self._by_sid: dict[str, int] = {}

    def lay_all(self, documents: Iterable[Any]) -> None:
        for document in documents:
            self.lay(document)

    def lay(self, document: Any) -> None:
        """document: as JSON holds it; a text for one that is not known."""
        if not isinstance(document, dict):
            self._statement(UNRESOLVED)
            return
        self._id = document.get("Id") or self._id
        self._version = max(_word(document.get("Version")), self._version)
        statements = document.get("Statement") or []
        for statement in statements if isinstance(statements, list) else [statements]:
            self._statement(statement)

    def _statement(self, statement: Any) -> None:
        sid = statement.get("Sid") if isinstance(statement, dict) else None
        place = self._by_sid.get(sid) if isinstance(sid, str) and sid and UNRESOLVED not in sid else None
        if place is not None:
            self._statements[place] = statement
            return
        if len(self._statements) >= MOST_STATEMENTS:  # the rest is not known
            self._statements[-1] = UNRESOLVED
            return
        if isinstance(sid, str) and sid:
            self._by_sid[sid] = len(self._statements)
        self._statements.append(statement)

    def text(self) -> str:
        document: dict[str, Any] = {"Version": self._version or VERSION}
        if self._id:
            document["Id"] = self._id
        if self._statements:
            document["Statement"] = self._statements
        text = json.dumps(document, ensure_ascii=False, indent=2)
        for char in "<>&":  # Go's JSON
            text = text.replace(char, f"\\u{ord(char):04x}")
        return text


def _documents(block: Block, path: str) -> Iterator[Any]:
    """Documents that an attribute names, read; `UNRESOLVED` for each that is not known or not JSON."""
    found = block.find(path)
    if found is None:
        return
    value = plain(found.value)
    for item in value if isinstance(value, list) else [value]:
        text = _word(item)
        if not text:
            continue
        try:
            yield json.loads(text) if len(text) <= _MAX_DOCUMENT else UNRESOLVED
        except (ValueError, RecursionError):
            yield UNRESOLVED


def _own(block: Block) -> dict[str, Any]:
    document: dict[str, Any] = {
        "Version": _single(block, "version") or VERSION,
        "Statement": [_render_statement(statement) for statement in block.children("statement")[:MOST_STATEMENTS]],
    }
    if policy_id := _single(block, "policy_id"):
        document["Id"] = policy_id
    return document


def _render_statement(block: Block) -> dict[str, Any]:
    statement: dict[str, Any] = {}
    if sid := _single(block, "sid"):
        statement["Sid"] = sid
    statement["Effect"] = _single(block, "effect") or "Allow"
    for attribute, name in _LISTS.items():
        if values := _texts(block, attribute):
            if "resource" in attribute:
                values = [_variables(value) for value in values]
            statement[name] = _one_or_sorted(values)
    for nested, name in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if blocks := block.children(nested):
            statement[name] = _principals(blocks)
    if conditions := block.children("condition"):
        statement["Condition"] = _conditions(conditions)
    return statement


_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def _principals(blocks: Iterable[Block]) -> Any:
    names: dict[str, list[str]] = {}
    for block in blocks:
        identifiers = [_variables(text) for text in _texts(block, "identifiers")]
        names.setdefault(_single(block, "type"), []).extend(sorted(identifiers, reverse=True))
    if names == {"*": ["*"]}:
        return "*"
    return {type: _one_or_all(identifiers) for type, identifiers in names.items()}


def _conditions(blocks: Iterable[Block]) -> dict[str, dict[str, Any]]:
    tests: dict[str, dict[str, list[str]]] = {}
    for block in blocks:
        values = [_variables(text) for text in _texts(block, "values")]
        variable = tests.setdefault(_single(block, "test"), {})
        variable.setdefault(_variables(_single(block, "variable")), []).extend(values)
    return {
        test: {variable: _one_or_all(values) for variable, values in variables.items()}
        for test, variables in tests.items()
    }


def _variables(text: str) -> str:
    """`&{aws:username}` stands for the policy's own `${aws:username}`, which Terraform would take as its own."""
    return text.replace("&{", "${")


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _one_or_sorted(values: list[str]) -> str | list[str]:
    """The provider sorts lists backwards."""
    return values[0] if len(values) == 1 else sorted(values, reverse=True)


def _single(block: Block, name: str) -> str:
    found = block.find(name)
    return "" if found is None else _word(found.value)


def _texts(block: Block, name: str) -> list[str]:
    found = block.find(name)
    if found is None:
        return []
    value = plain(found.value)
    return [_word(item) for item in value] if isinstance(value, list) else [_word(value)]


def _word(value: Any) -> str:
    """A value as text, with `UNRESOLVED` for what is not known."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    return (value.like if isinstance(value, Unknown) else None) or UNRESOLVED
