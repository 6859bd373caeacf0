"""Encodings: base64, JSON, CSV, URLs."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

from vigie.misconfig.languages.terraform.values import (
    MAX_ITEMS,
    MAX_TEXT,
    FunctionError,
    LimitError,
    bounded_text,
    entries,
    format_number,
    survey,
)
from vigie.misconfig.languages.terraform.values import number as one_form

_CHARSET = (
    r"utf-?8|utf-?16|utf-16[lb]e|us-ascii|iso-8859-\d+|latin1|windows-\d+|cp\d+|ibm\d+|koi8-[ru]|macintosh|shift_jis"
    r"|euc-jp|iso-2022-jp|euc-kr|gbk|gb2312|gb18030|hz-gb-2312|big5"
)


def base64encode(text: str) -> str:
    return base64.b64encode(_bytes(text)).decode()


def base64decode(text: str) -> str:
    return _text(_decode(text))


def base64gzip(text: str) -> str:
    import gzip

    return base64.b64encode(gzip.compress(_bytes(text), mtime=0)).decode()


def base64gunzip(text: str) -> str:
    inflater = zlib.decompressobj(wbits=31)
    try:
        content = inflater.decompress(_decode(text), MAX_TEXT)
    except zlib.error as error:
        raise FunctionError("not gzip") from error
    if not inflater.eof:
        raise FunctionError("not whole, or too large")
    return _text(content)


def textencodebase64(text: str, charset: str) -> str:
    try:
        return base64.b64encode(_byte_order(charset) + text.encode(_charset(charset))).decode()
    except UnicodeError as error:
        raise FunctionError(f"the text cannot be written in {charset}") from error


def textdecodebase64(text: str, charset: str) -> str:
    content = _decode(text)
    try:
        return content.removeprefix(_byte_order(charset)).decode(_charset(charset))
    except UnicodeError as error:
        raise FunctionError(f"not a text in {charset}") from error


def _charset(name: str) -> str:
    if not re.fullmatch(_CHARSET, name, re.IGNORECASE):
        raise FunctionError(f"{name} is no encoding that is known")
    return {"utf-16": "utf-16-be", "utf16": "utf-16-be", "macintosh": "mac-roman", "hz-gb-2312": "hz"}.get(
        name.lower(), name
    )


def _byte_order(name: str) -> bytes:
    return b"\xfe\xff" if name.lower() in ("utf-16", "utf16") else b""


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except ValueError as error:
        raise FunctionError("not base64") from error


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise FunctionError("not a text in UTF-8") from error


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def urlencode(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(_bytes(text), safe="")


def urldecode(text: str) -> str:
    from urllib.parse import unquote_to_bytes

    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise FunctionError("a % that is followed by no number")
    return _text(unquote_to_bytes(text.replace("+", " ")))


def csvdecode(text: str) -> list[dict[str, str]]:
    """A map per line, by the names of the first line."""
    import csv
    import io

    try:
        rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True) if row]
    except csv.Error as error:
        raise FunctionError("not CSV") from error
    if not rows:
        raise FunctionError("the first line must hold the names")
    names = rows[0]
    if len(set(names)) < len(names):
        raise FunctionError("a name stands twice in the first line")
    if len(rows) * len(names) > MAX_ITEMS:
        raise LimitError("too many fields")
    if any(len(row) != len(names) for row in rows):
        raise FunctionError("a line with another number of fields than the first")
    return [dict(zip(names, row, strict=True)) for row in rows[1:]]


def jsondecode(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=lambda digits: one_form(float(digits)))
    except ValueError as error:
        raise FunctionError("not JSON") from error
    survey(value)
    return _paired(value) if re.search(r"\\u[dD][89a-fA-F]", text) else value


def _paired(value: Any) -> Any:
    """With a replacement character for each half of a surrogate pair that stands alone."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_paired(item) for item in value]
    if isinstance(value, dict):
        return {_paired(key): _paired(item) for key, item in value.items()}
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def jsonencode(value: Any) -> str:
    """Without blanks, keys sorted, `<`, `>` and `&` escaped, as Go writes it."""
    parts: list[str] = []
    _write(value, parts)
    text = "".join(parts)
    for char in "<>&\u2028\u2029":
        if char in text:
            text = text.replace(char, f"\\u{ord(char):04x}")
    return bounded_text(text)


def _write(value: Any, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(json.dumps(value, ensure_ascii=False))
    elif value is None:
        parts.append("null")
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, (int, float)):
        parts.append(format_number(value))
    elif isinstance(value, list):
        parts.append("[")
        for index, item in enumerate(value):
            if index:
                parts.append(",")
            _write(item, parts)
        parts.append("]")
    else:
        parts.append("{")
        for index, (key, item) in enumerate(entries(value)):
            parts.append(f"{',' if index else ''}{json.dumps(key, ensure_ascii=False)}:")
            _write(item, parts)
        parts.append("}")
