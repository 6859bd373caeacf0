"""Operators of expressions, and how unknown and sensitive operands pass through them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from vigie.misconfig.languages.terraform.scope import Scope
from vigie.misconfig.languages.terraform.values import (
    FunctionError,
    equal,
    mark,
    number,
    reveal,
    survey,
    to_bool,
    to_number,
    to_string,
    type_name,
)
from vigie.misconfig.value import UNKNOWN, UNRESOLVED, Sensitive, Unknown

Code = Callable[[Scope], Any]


def unmarked(value: Any) -> tuple[Any, bool]:
    """A value without its mark, and whether it had one."""
    return (value.value, True) if isinstance(value, Sensitive) else (value, False)


def truth(value: Any) -> bool:
    """A known value as a condition. Raises FunctionError."""
    return value if isinstance(value, bool) else to_bool(value)


def key_text(value: Any) -> str:
    """A key of an object. Raises FunctionError."""
    return value if isinstance(value, str) else to_string(value)


def join(parts: Sequence[Any], scope: Scope) -> Any:
    """The text that parts of a template make. Raises FunctionError for parts that are no text."""
    try:
        text = "".join(parts)
    except TypeError:
        return _join_slowly(parts, scope)
    scope.spend_text(len(text))
    return text


def _join_slowly(parts: Sequence[Any], scope: Scope) -> Any:
    texts: list[str] = []
    marked = doubt = False
    source, attribute = None, ""
    for marked_part in parts:
        part, secret = unmarked(marked_part)
        marked = marked or secret
        if isinstance(part, Unknown):
            if part.source is not None and not doubt:
                source, attribute = part.source, part.attribute
            doubt = True
            texts.append(part.like or UNRESOLVED)
        else:
            texts.append(to_string(part))
    text = "".join(texts)
    scope.spend_text(len(text))
    result: Any = Unknown("string", text, source, attribute) if doubt else text
    return Sensitive(result) if marked else result


def choose(test: Any, yes: Code, no: Code, scope: Scope) -> Any:
    """A conditional whose condition is no plain bool."""
    test, marked = unmarked(test)
    if not isinstance(test, Unknown):
        value = yes(scope) if truth(test) else no(scope)
        return mark(value) if marked else value
    value = either(_attempt(yes, scope), _attempt(no, scope))
    return mark(value) if marked else value


def _attempt(code: Code, scope: Scope) -> Any:
    try:
        return code(scope)
    except FunctionError:
        return UNKNOWN


def either(left: Any, right: Any) -> Any:
    """What is known of a value that is one or the other."""
    if left is right:
        return left
    marked = survey(left).marked or survey(right).marked
    if not marked and equal(left, right) is True:
        return left
    left, right = unmarked(left)[0], unmarked(right)[0]
    result = Unknown(_common_type(left, right))
    for one, other in ((left, right), (right, left)):
        # `var.create ? aws_kms_key.k[0].arn : null`: if it is anything, it is that.
        if isinstance(one, Unknown) and one.source is not None:
            if other is None or other == "" or (isinstance(other, Unknown) and other.source is one.source):
                result.source, result.attribute = one.source, one.attribute
            break
    return Sensitive(result) if marked else result


def _common_type(left: Any, right: Any) -> str:
    names = {type_name(left), type_name(right)} - {"any"}
    return names.pop() if len(names) == 1 else "any"


def logic(decisive: bool, codes: Sequence[Code], scope: Scope) -> Any:
    """`||` (decisive is True) or `&&`: one decisive operand decides, whatever is not known of the others."""
    doubt = marked = False
    failure: FunctionError | None = None
    for code in codes:
        try:
            value, secret = unmarked(code(scope))
            marked = marked or secret
            if isinstance(value, Unknown):
                doubt = True
            elif truth(value) is decisive:
                return Sensitive(decisive) if marked else decisive
        except FunctionError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    result: Any = Unknown("bool") if doubt else not decisive
    return Sensitive(result) if marked else result


def negation(value: Any) -> Any:
    value, marked = unmarked(value)
    result = Unknown("bool") if isinstance(value, Unknown) else not truth(value)
    return Sensitive(result) if marked else result


def binary(operator: str, left: Any, right: Any) -> Any:
    """A comparison or arithmetic. Raises FunctionError."""
    if operator in ("==", "!="):
        return _equality(operator, left, right)
    left, left_marked = unmarked(left)
    right, right_marked = unmarked(right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        result: Any = Unknown("bool" if operator in _COMPARE else "number")
    else:
        left, right = to_number(left), to_number(right)
        compare = _COMPARE.get(operator)
        result = compare(left, right) if compare else _arithmetic(operator, left, right)
    return Sensitive(result) if left_marked or right_marked else result


def _equality(operator: str, left: Any, right: Any) -> Any:
    for one, other in ((left, right), (right, left)):
        # A resource is there: it is not null, whatever is not known of it.
        if one is None and isinstance(other, Unknown) and other.source is not None:
            return operator == "!="
    marked = survey(left).marked or survey(right).marked
    result: Any = equal(reveal(left), reveal(right)) if marked else equal(left, right)
    if operator == "!=" and not isinstance(result, Unknown):
        result = not result
    return Sensitive(result) if marked else result


def _arithmetic(operator: str, left: float, right: float) -> int | float:
    try:
        if operator == "+":
            return number(left + right)
        if operator == "-":
            return number(left - right)
        if operator == "*":
            return number(left * right)
        if operator == "/":
            if isinstance(left, int) and isinstance(right, int) and left % right == 0:
                return left // right
            return number(left / right)
        if isinstance(left, int) and isinstance(right, int):
            rest = abs(left) % abs(right)
            return -rest if left < 0 else rest
        return number(math.fmod(left, right))
    except ZeroDivisionError:
        raise FunctionError("division by zero") from None
    except (OverflowError, ValueError) as error:
        raise FunctionError(f"{left} {operator} {right}: {error}") from None


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
