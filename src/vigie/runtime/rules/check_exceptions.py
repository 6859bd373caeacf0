"""Exceptions of rules: whether fields, comparisons and values agree, and the condition they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from msgspec import structs

from vigie.runtime.rules.items import Exception_, Text, Values
from vigie.runtime.rules.problems import Unfit

OF_LISTS = ("in", "intersects", "pmatch")
"""Comparisons whose right side is a list."""
COMPARISONS = frozenset(
    (
        *("=", "==", "!=", "<", "<=", ">", ">=", "exists", "contains", "icontains", "bcontains", "startswith"),
        *("bstartswith", "endswith", "glob", "iglob", "regex", *OF_LISTS),
    )
)
LONGEST = 8 << 20
"""Characters that the exceptions of a rule may add to its condition."""


@cache
def _known_fields() -> tuple[frozenset[str], tuple[str, ...]]:
    """Names of fields, and beginnings of those that have their argument behind a dot (`evt.arg.flags`)."""
    from vigie._core import fields

    rows = fields()
    return frozenset(row[1] for row in rows), tuple(f"{row[1]}." for row in rows if "dotname" in row[3])


def _is_field(text: str) -> bool:
    names, beginnings = _known_fields()
    # Static fields are named by the settings, and what transformers take is not looked at: the compiler does.
    return text.partition("[")[0] in names or text.startswith((*beginnings, "static.")) or "(" in text


def completed(exception: Exception_) -> Exception_:
    """The exception with its comparisons filled in. Raises Unfit when its parts do not agree."""

    def unfit(message: str) -> Unfit:
        return Unfit("LOAD_ERR_VALIDATE", message, exception.where)

    if not exception.fields:
        raise unfit("an exception names the fields that its values are compared with, under 'fields'")
    single = isinstance(exception.fields, str)
    fields = (exception.fields,) if isinstance(exception.fields, str) else exception.fields
    comps = exception.comps
    if comps is None:
        comps = "in" if single else ("=",) * len(fields)
    if single != isinstance(comps, str):
        raise unfit("'fields' and 'comps' are both to be a text or both a list")
    for comp in (comps,) if isinstance(comps, str) else comps:
        if comp not in (OF_LISTS if single else COMPARISONS):
            known = f", with a single field one of {', '.join(OF_LISTS)}" if single else ""
            raise unfit(f"'{comp}' is no comparison that can stand here{known}")
    if not single and len(fields) != len(comps):
        raise unfit(f"{len(fields)} fields and {len(comps)} comps: there is to be one for each field")
    for field in fields:
        if not _is_field(field):
            raise unfit(f"there is no field '{field}'")
    for values in exception.values:
        _check_values(exception, values, single, len(fields))
    return structs.replace(exception, comps=comps)


def _check_values(exception: Exception_, values: Values, single: bool, count: int) -> None:
    if single and not isinstance(values, str):
        message = "an exception with a single field has single values, no lists of them"
        raise Unfit("LOAD_ERR_VALIDATE", message, exception.where)
    if not single and isinstance(values, str):
        message = "an exception with a list of fields has lists of values"
        raise Unfit("LOAD_ERR_VALIDATE", message, exception.where)
    if not single and len(values) != count:
        message = f"{count} fields and {len(values)} values: there is to be one for each field"
        raise Unfit("LOAD_ERR_VALIDATE", message, exception.where)


def condition(own: Sequence[Text], exceptions: Iterable[Exception_]) -> list[Text]:
    """The parts of a rule's condition with its exceptions, to be put together without blanks between them. Raises Unfit
    for values that do not agree with the fields."""
    parts = [Text(f" {part.text}" if index else part.text, part.where) for index, part in enumerate(own)]
    if not exceptions:
        return parts
    parts[0] = Text(f"({parts[0].text}", parts[0].where)
    parts[-1] = Text(f"{parts[-1].text})", parts[-1].where)
    length = 0
    for exception in exceptions:
        fields, comps = exception.fields, exception.comps
        assert fields is not None and comps is not None
        for values in exception.values:
            _check_values(exception, values, isinstance(fields, str), len(fields))
        if not exception.values:
            continue
        if isinstance(fields, str):
            part = f"({fields} {comps} ({', '.join(quoted(str(value)) for value in exception.values)}))"
        else:
            part = f"({' or '.join(_all_of(fields, comps, values) for values in exception.values)})"
        length += len(part)
        if length > LONGEST:
            raise Unfit("LOAD_ERR_VALIDATE", "the exceptions of the rule are too many", exception.where)
        parts.append(Text(f" and not {part}", exception.where))
    return parts


def _all_of(fields: tuple[str, ...], comps: str | tuple[str, ...], values: Values) -> str:
    checks = zip(fields, comps, values, strict=True)
    return f"({' and '.join(' '.join(_check(*check)) for check in checks)})"


def _check(field: str, comp: str, value: str | tuple[str, ...]) -> Iterator[str]:
    yield field
    yield comp
    if comp == "exists":
        return
    if isinstance(value, tuple):
        yield f"({', '.join(map(quoted, value))})"
    elif comp in OF_LISTS:
        yield value if value.startswith("(") else f"({value})"
    else:
        yield quoted(value)


def quoted(value: str) -> str:
    """A value as it stands in a condition: one with blanks in quotes, unless it has them."""
    if " " in value and not value.startswith(('"', "'")):
        return f'"{value}"'
    return value or '""'
