"""The functions of Terraform's own provider: values as the text of expressions, and back."""

from __future__ import annotations

import re
from typing import Any

from vigie.misconfig.languages.terraform.functions import Context
from vigie.misconfig.languages.terraform.values import FunctionError, entries, format_number

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def encode_tfvars(values: dict[str, Any]) -> str:
    lines = []
    for key, value in entries(values):
        if not _is_name(key):
            raise FunctionError(f"{key} is no name of a variable")
        lines.append(f"{key} = {_expression(value, '')}\n")
    return "".join(lines)


def encode_expr(value: Any) -> str:
    return _expression(value, "")


def decode_tfvars(context: Context, text: str) -> dict[str, Any]:
    return dict(context.definitions(text))


def _expression(value: Any, indent: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return format_number(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(_expression(item, indent) for item in value)}]"
    if not value:
        return "{}"
    inner = indent + "  "
    lines = [
        f"{inner}{key if _is_name(key) else _quoted(key)} = {_expression(item, inner)}\n"
        for key, item in entries(value)
    ]
    return f"{{\n{''.join(lines)}{indent}}}"


def _quoted(text: str) -> str:
    text = re.sub(r'[\n\r\t"\\]', lambda found: _ESCAPES[found[0]], text)
    return f'"{text.replace("${", "$${").replace("%{", "%%{")}"'


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[^\W\d][\w-]*", text) is not None
