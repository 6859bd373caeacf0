"""`exceptions` of a rule: their shape in the file."""

from __future__ import annotations

from vigie.runtime.rules.document import Node
from vigie.runtime.rules.items import Exception_, Values
from vigie.runtime.rules.problems import Problems, Unfit, Where
from vigie.runtime.rules.values import SHAPE, Fields, scalar


def exceptions(rule: Fields, *, appended: bool, problems: Problems) -> tuple[Exception_, ...]:
    """The exceptions of a rule. Raises Unfit when one is not of the right shape."""
    if rule.entries["exceptions"].node.value is None:
        return ()
    where = rule.at("exceptions")
    found: list[Exception_] = []
    names: set[str] = set()
    for node in rule.nodes("exceptions"):
        name = Fields(node, where.inside("exception", "", node.at)).text("name")
        exception = _exception(Fields(node, rule.where.inside("exception", name, node.at)), appended, problems)
        if name in names:
            message = f"the rule has several exceptions with the name '{name}'"
            problems.add("LOAD_EXCEPTION_NAME_NOT_UNIQUE", message, exception.where)
        names.add(name)
        found.append(exception)
    return tuple(found)


def _exception(fields: Fields, appended: bool, problems: Problems) -> Exception_:
    exception = Exception_(fields.where.name, fields.where)
    exception.fields = _one_or_many(fields, "fields")
    exception.comps = _one_or_many(fields, "comps")
    for key, entry in fields.entries.items():
        if key not in ("name", "fields", "comps", "values"):
            place = fields.where.inside("key", key, entry.key.at)
            problems.add("LOAD_UNKNOWN_KEY", f"'{key}' is no key of an exception: it has no effect", place)
    if "values" in fields:
        where = fields.where.inside("exception values", "", fields.entries["values"].node.at)
        exception.values = tuple(
            _values(node, where.inside("exception value", "", node.at)) for node in fields.nodes("values")
        )
    elif appended:
        message = "an exception is appended without 'values': nothing is excepted by it"
        problems.add("LOAD_APPEND_NO_VALUES", message, fields.where)
    return exception


def _one_or_many(fields: Fields, key: str) -> str | tuple[str, ...] | None:
    if key not in fields:
        return None
    if isinstance(fields.entries[key].node.value, list):
        return fields.texts(key)
    return fields.text(key)


def _values(node: Node, where: Where) -> Values:
    if isinstance(node.value, str):
        return node.value
    if not isinstance(node.value, list):
        raise Unfit(SHAPE, "an exception's values are texts or lists of texts", where)
    return tuple(
        tuple(scalar(item, where, "exception value") for item in part.value)
        if isinstance(part.value, list)
        else scalar(part, where, "exception value")
        for part in node.value
    )
