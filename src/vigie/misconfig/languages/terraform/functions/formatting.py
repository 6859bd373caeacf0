"""`format` and `formatlist`: the verbs of Go, for Terraform's values."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from vigie.misconfig.languages.terraform.functions.encoding import jsonencode
from vigie.misconfig.languages.terraform.functions.strings import characters
from vigie.misconfig.languages.terraform.values import (
    MAX_TEXT,
    FunctionError,
    LimitError,
    SetValue,
    is_whole,
    to_bool,
    to_number,
    to_string,
)
from vigie.misconfig.value import UNRESOLVED, Unknown

_VERB = r"%(?P<flags>[ +#0-]*)(?P<width>\d{0,4})(?P<precision>\.\d{0,4})?(?:\[(?P<index>\d{1,4})\])?(?P<verb>.)?"


def format_(form: str, *values: Any) -> str:
    parts: list[str] = []
    at = length = following = used = 0
    for found in re.finditer(_VERB, form, re.DOTALL):
        if found.start() < at:
            continue
        parts.append(form[at : found.start()])
        at = found.end()
        if found["verb"] == "%":
            parts.append("%")
            continue
        if found["index"]:
            following = int(found["index"])
        else:
            following += 1
        if not 1 <= following <= len(values):
            raise FunctionError("not enough arguments for the format")
        used = max(used, following)
        parts.append(_verb(found, values[following - 1]))
        length += len(parts[-1])
        if length > MAX_TEXT:
            raise LimitError(f"more than {MAX_TEXT} characters")
    if used < len(values):
        raise FunctionError("more arguments than the format uses")
    return "".join(parts) + form[at:]


def _verb(found: re.Match[str], value: Any) -> str:
    verb, flags = found["verb"] or "", found["flags"]
    precision = None if found["precision"] is None else int(found["precision"][1:] or 0)
    if isinstance(value, str) and UNRESOLVED in value and verb and verb in "vtbdoxXeEfgGsq":
        return value
    if verb == "v":
        text = _as_it_is(value, "#" in flags)
    elif value is None:
        raise FunctionError("null cannot be formatted")
    elif verb == "t":
        text = "true" if to_bool(value) else "false"
    elif verb == "s":
        text = _cut(to_string(value), precision)
    elif verb == "q":
        text = json.dumps(_cut(to_string(value), precision), ensure_ascii=False)
    elif verb and verb in "bdoxXeEfgG":
        return _padded(_number(verb, flags, precision, to_number(value)), found["width"], flags, True)
    else:
        raise FunctionError(f"%{verb} is no verb")
    return _padded(text, found["width"], flags, False)


def _cut(text: str, precision: int | None) -> str:
    return text if precision is None else "".join(characters(text)[:precision])


def _padded(text: str, width: str, flags: str, digits: bool) -> str:
    missing = int(width or 0) - len(characters(text))
    if missing <= 0:
        return text
    if "-" in flags:
        return text + " " * missing
    if "0" in flags:
        sign = text[0] if digits and text[:1] in ("+", "-", " ") else ""
        return sign + "0" * missing + text[len(sign) :]
    return " " * missing + text


def _as_it_is(value: Any, as_json: bool) -> str:
    if isinstance(value, str) and not as_json:
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and not as_json:
        return _shortest(value, "e")
    return jsonencode(value)


def _number(verb: str, flags: str, precision: int | None, value: float) -> str:
    if verb in "bdoxX":
        if isinstance(value, float):
            raise FunctionError("a whole number is required")
        text = format(abs(value), verb)
        if precision is not None:
            text = text.rjust(precision, "0")
        if "#" in flags:
            text = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(verb, "") + text
        text = "-" + text if value < 0 else text
    elif verb in "gG":
        exponent = "e" if verb == "g" else "E"
        text = _shortest(value, exponent) if precision is None else format(Decimal(str(value)), f".{precision}{verb}")
    else:
        number = Decimal(str(value))
        text = format(number, f".{6 if precision is None else precision}{verb}")
        text = re.sub(r"([eE][+-])(\d)$", r"\g<1>0\2", text)
    if value >= 0 and ("+" in flags or " " in flags):
        return ("+" if "+" in flags else " ") + text
    return text


def _shortest(value: float, exponent: str) -> str:
    """As few digits as tell the number; with an exponent from 1e+06 on and below 1e-04."""
    number = Decimal(str(value)).normalize()
    sign, digits, _ = number.as_tuple()
    power = number.adjusted()
    if -4 <= power < 21 if value == 0 else -4 <= power < 6:
        return format(number, "f")
    text = "".join(map(str, digits))
    return f"{'-' if sign else ''}{text[0]}{'.' + text[1:] if text[1:] else ''}{exponent}{power:+03d}"


def formatlist(form: Any, *values: Any) -> Any:
    """Formats lists in parallel; what is no list stands in each of the texts."""
    if isinstance(form, Unknown) or any(isinstance(value, Unknown) and value.type != "string" for value in values):
        return Unknown("list")
    if any(isinstance(value, SetValue) and not is_whole(value) for value in values):
        return Unknown("list")
    lengths = {len(value) for value in values if isinstance(value, list)}
    if len(lengths) > 1:
        raise FunctionError("lists of one length are required")
    form = to_string(form)
    texts: list[str | Unknown] = []
    for index in range(lengths.pop() if lengths else 1):
        row = [value[index] if isinstance(value, list) else value for value in values]
        if all(map(is_whole, row)):
            texts.append(format_(form, *row))
        else:
            stand_in = [(part.like or UNRESOLVED) if isinstance(part, Unknown) else part for part in row]
            texts.append(_partly(form, stand_in))
    return texts


def _partly(form: str, row: list[Any]) -> Unknown:
    try:
        return Unknown("string", format_(form, *row))
    except (FunctionError, AttributeError, TypeError):
        return Unknown("string")
