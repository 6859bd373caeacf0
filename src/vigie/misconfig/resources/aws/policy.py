"""IAM policy documents: JSON texts, texts with parts that are not known, and mappings, as typed statements.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. Names of elements, actions
and condition keys are read whatever the case of their letters, as AWS does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import Struct

from vigie.misconfig.graph import Block, plain
from vigie.misconfig.resource import Resource, absent
from vigie.misconfig.value import UNRESOLVED, Attribute, Cause, Unknown, doubts

LONGEST_TEXT = 1_000_000
"""Characters; AWS allows 20,480 at most (bucket policies)."""

MOST_ITEMS = 10_000
"""Statements of a policy, or entries of one of its lists."""


class Condition(NamedTuple):
    """`{"StringLike": {"aws:SourceArn": ["a", "b"]}}`: operator, key, values."""

    operator: str
    key: str
    values: tuple[str, ...]


class Statement(Struct, frozen=True, kw_only=True):
    """One statement. Texts hold `__UNRESOLVED__` where they are not known.

    principals: names by kind (`AWS`, `Service`, `Federated`, `CanonicalUser`; the kind `*` for a bare `"*"`).
    """

    sid: str = ""
    effect: str = ""
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: Mapping[str, tuple[str, ...]] = {}
    not_principals: Mapping[str, tuple[str, ...]] = {}
    conditions: tuple[Condition, ...] = ()

    @property
    def allows(self) -> bool:
        return self.effect.lower() == "allow"

    @property
    def denies(self) -> bool:
        return self.effect.lower() == "deny"

    @property
    def anyone(self) -> bool:
        """Whether it is for everybody: `"*"` or `{"AWS": "*"}`."""
        return "*" in self.principals or "*" in self.principals.get("AWS", ())

    def lists(self, *actions: str) -> bool:
        """Whether one of these stands among its actions, as it is written (`s3:*` is not in `*`)."""
        wanted = {action.lower() for action in actions}
        return any(action.lower() in wanted for action in self.actions)

    def covers(self, action: str) -> bool:
        """Whether it is about this action: by a listed name or pattern, or by `NotAction` that does not list it."""
        if self.not_actions:
            return not any(matches(pattern, action) for pattern in self.not_actions)
        return any(matches(pattern, action) for pattern in self.actions)

    def tests(self, key: str) -> bool:
        """Whether a condition is about this key."""
        return any(condition.key.lower() == key.lower() for condition in self.conditions)


class Policy(Struct, frozen=True, kw_only=True):
    """A policy document. partial: a statement, an effect or an action in it is not known at all."""

    version: str = ""
    id: str = ""
    statements: tuple[Statement, ...] = ()
    partial: bool = False


class NamedPolicy(Resource):
    """A policy with its name, as the model of several services has it. builtin: made by AWS."""

    name: Attribute[str] = absent("")
    document: Attribute[Policy] = absent(Policy())
    builtin: Attribute[bool] = absent(False)


def block_policy(block: Block, path: str) -> Attribute[Policy]:
    """The policy document in the attribute at a dotted path."""
    found, cause = block.raw(path)
    if found is None:
        return Attribute(Policy(), cause, explicit=False)
    policy = read_policy(found.value)
    source = block.document(path)
    if source is not None:
        # what is wrong is mended there; comments may stand at either place
        at = source.cause
        cause = Cause(at.file, at.start, at.end, at.name, at.parent, at.prefix, at.managed, within=cause)
    return Attribute(policy or Policy(), cause, known=policy is not None)


def statements(document: Attribute[Policy]) -> tuple[Statement, ...]:
    """The statements that are known; takes note of the doubt when some are not."""
    if not document.known or document.value.partial:
        doubts.append(document)
    return document.value.statements


def read_policy(value: Any) -> Policy | None:
    """A policy document from a text or a mapping; None when it is none or not known."""
    value = plain(value)
    if isinstance(value, Unknown):
        value = value.like
    if isinstance(value, str):
        value = decoded(value)
    if not isinstance(value, dict):
        return None
    document = _lower(value)
    written = plain(document.get("statement", []))
    items = written if isinstance(written, (list, tuple)) else [written]
    read = [_statement(item) for item in items[:MOST_ITEMS]]
    known = tuple(statement for statement in read if statement is not None)
    partial = len(known) < len(items) or any(
        UNRESOLVED in (statement.effect, *statement.actions, *statement.not_actions) for statement in known
    )
    return Policy(
        version=_text(document.get("version")), id=_text(document.get("id")), statements=known, partial=partial
    )


def matches(pattern: str, text: str) -> bool:
    """Whether an IAM pattern (`*` any characters, `?` one) matches a text, whatever the case of the letters."""
    pattern, text = pattern.lower(), text.lower()
    place = at = mark = 0
    star = -1
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, mark = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("?", text[at]):
            place, at = place + 1, at + 1
        elif star >= 0:
            mark += 1
            place, at = star + 1, mark
        else:
            return False
    return not pattern[place:].strip("*")


def decoded(text: str) -> Any:
    """JSON text as a value; None when it is none."""
    if len(text) > LONGEST_TEXT:
        return None
    text = text.replace("&{", "${")  # how Terraform's documents write the variables of policies
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if UNRESOLVED not in text:
            return None
    try:  # "Resource": ${jsonencode(var.arns)} leaves the mark where a value stands
        return json.loads(re.sub(rf"(?<=[\s:,\[]){UNRESOLVED}(?=[\s,\]}}])", f'"{UNRESOLVED}"', text))
    except (ValueError, RecursionError):
        return None


def _statement(value: Any) -> Statement | None:
    value = plain(value)
    if not isinstance(value, dict):
        return None
    written = _lower(value)
    return Statement(
        sid=_text(written.get("sid")),
        effect=_text(written.get("effect")),
        actions=_texts(written.get("action")),
        not_actions=_texts(written.get("notaction")),
        resources=_texts(written.get("resource")),
        not_resources=_texts(written.get("notresource")),
        principals=_principals(written.get("principal")),
        not_principals=_principals(written.get("notprincipal")),
        conditions=tuple(_conditions(written.get("condition"))),
    )


def _principals(value: Any) -> dict[str, tuple[str, ...]]:
    value = plain(value)
    if value is None:
        return {}
    if isinstance(value, dict):
        return {str(kind): _texts(names) for kind, names in value.items()}
    return {name: (name,) for name in _texts(value)}


def _conditions(value: Any) -> Iterator[Condition]:
    value = plain(value)
    if not isinstance(value, dict):
        return
    for operator, written in value.items():
        keys = plain(written)
        if isinstance(keys, dict):
            for key, values in keys.items():
                yield Condition(str(operator), str(key), _texts(values))


def _texts(value: Any) -> tuple[str, ...]:
    """A text or a list of texts."""
    value = plain(value)
    if value is None:
        return ()
    if isinstance(value, (list, tuple)):
        return tuple(_text(item) for item in value[:MOST_ITEMS])
    return (_text(value),)


def _text(value: Any) -> str:
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    return (value.like if isinstance(value, Unknown) else None) or UNRESOLVED


def _lower(value: dict[Any, Any]) -> dict[str, Any]:
    return {str(key).lower(): item for key, item in value.items()}
