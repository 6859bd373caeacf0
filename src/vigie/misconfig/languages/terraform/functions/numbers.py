"""Functions of numbers."""

from __future__ import annotations

import math
from typing import Any

from vigie.misconfig.languages.terraform.values import FunctionError, LimitError
from vigie.misconfig.languages.terraform.values import number as one_form

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def abs_(number: float) -> int | float:
    return abs(number)


def ceil(number: float) -> int:
    return math.ceil(number)


def floor(number: float) -> int:
    return math.floor(number)


def log(number: float, base: float) -> int | float:
    if number <= 0 or base <= 0 or base == 1:
        raise FunctionError("no logarithm of these numbers")
    return one_form(math.log(number) / math.log(base))


def max_(*numbers: float) -> int | float:
    return max(numbers)


def min_(*numbers: float) -> int | float:
    return min(numbers)


def pow_(number: float, power: float) -> int | float:
    if isinstance(number, int) and isinstance(power, int) and power >= 0:
        if number.bit_length() * power > 10_000:
            raise LimitError("the result is too large")
        return one_form(number**power)
    try:
        result = math.pow(number, power)
    except ValueError as error:
        raise FunctionError("no such power") from error
    return one_form(result)


def signum(number: float) -> int:
    return (number > 0) - (number < 0)


def parseint(text: Any, base: int) -> int:
    """A whole number in a base from 2 to 62; above 36 the case of letters counts."""
    if not isinstance(text, str):
        raise FunctionError("a string is required")
    if not 2 <= base <= 62:
        raise FunctionError("the base must be between 2 and 62")
    if not text or len(text) > 1000:
        raise FunctionError("not a whole number in this base")
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.removeprefix("+"))
    value = 0
    for char in digits if base > 36 else digits.lower():
        digit = _DIGITS.find(char)
        if not 0 <= digit < base:
            raise FunctionError("not a whole number in this base")
        value = value * base + digit
    if not digits:
        raise FunctionError("not a whole number in this base")
    return sign * value
