"""Intrinsic functions over values that are evaluated already.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vigie.misconfig.languages.cloudformation.nodes import NO_VALUE, Computed
from vigie.misconfig.languages.yaml_nodes import written
from vigie.misconfig.value import UNRESOLVED, Sensitive, Unknown

LONGEST_TEXT = 1 << 18
"""Characters of a text that functions put together. Templates themselves have at most 1 MiB."""
LONGEST_LIST = 1 << 14


def kind(value: Any) -> str:
    """What is known of a value's type."""
    if isinstance(value, Sensitive):
        value = value.value
    if isinstance(value, Unknown):
        return value.type
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "list" if isinstance(value, list) else "object" if isinstance(value, dict) else "any"


def either(first: Any, second: Any) -> Any:
    """One of two values, it is not known which."""
    if type(first) is type(second) and not isinstance(first, (Unknown, Sensitive)) and first == second:
        return first
    if isinstance(first, dict) and isinstance(second, dict):
        return {key: either(first.get(key, NO_VALUE), second.get(key, NO_VALUE)) for key in {**first, **second}}
    if first is NO_VALUE or second is NO_VALUE:
        return Unknown(kind(second if first is NO_VALUE else first))
    kinds = {kind(first), kind(second)}
    type_ = kinds.pop() if len(kinds) == 1 else "any"
    source = first.source if isinstance(first, Unknown) else None
    if source is not None and (not isinstance(second, Unknown) or second.source is not source):
        source = None
    filled = all(value.filled if isinstance(value, Unknown) else bool(value) for value in (first, second))
    return (Computed if filled else Unknown)(type_, source=source)


def text_of(parts: Iterable[Any]) -> Any:
    """The text of these values one after another: a str, or Sensitive or Unknown when one of them is."""
    pieces: list[str] = []
    sources: list[Unknown] = []
    single: Unknown | None = None
    known, secret = True, False
    count = length = 0
    for given in parts:
        count += 1
        secret = secret or isinstance(given, Sensitive)
        part = given.value if isinstance(given, Sensitive) else given
        if isinstance(part, Unknown):
            known = False
            single = part
            if part.source is not None:
                sources.append(part)
            pieces.append(part.like or UNRESOLVED)
        elif isinstance(part, list):
            pieces.append(",".join(written(entry) or UNRESOLVED for entry in part))
        else:
            text = written(part)
            known = known and text is not None
            pieces.append(UNRESOLVED if text is None else text)
        length += len(pieces[-1])
        if length > LONGEST_TEXT:
            return Unknown("string")
    if known:
        text = "".join(pieces)
        return Sensitive(text) if secret else text
    if single is not None and count == 1:
        return single
    source = sources[0].source if len({id(part.source) for part in sources}) == 1 else None
    whole = any(piece and piece != UNRESOLVED for piece in pieces) or any(part.filled for part in sources)
    made = Computed if whole else Unknown
    return made("string", like="".join(pieces), source=source, attribute=sources[0].attribute if source else "")


def join(delimiter: Any, values: Any) -> Any:
    """`Fn::Join`."""
    if not isinstance(delimiter, str) or not isinstance(values, list):
        return values if isinstance(values, Unknown) and values.source is not None else Unknown("string")
    parts: list[Any] = []
    for value in values:
        if value is NO_VALUE:
            continue
        if parts and delimiter:
            parts.append(delimiter)
        parts.append(value)
    return text_of(parts)


def select(index: Any, values: Any) -> Any:
    """`Fn::Select`; the index may be a text."""
    if isinstance(values, Unknown):
        return Unknown("string", source=values.source, attribute=values.attribute)
    number = _integer(index)
    if not isinstance(values, list) or number is None or not 0 <= number < len(values):
        return Unknown("string")
    return values[number]


def split(delimiter: Any, text: Any) -> Any:
    """`Fn::Split`."""
    secret = isinstance(text, Sensitive)
    value = text.value if isinstance(text, Sensitive) else text
    if (
        isinstance(value, Unknown)
        and isinstance(delimiter, str)
        and delimiter
        and value.like
        and delimiter in value.like
    ):
        pieces = value.like.split(delimiter)[:LONGEST_LIST]
        return [
            Unknown("string", like=piece, source=value.source, attribute=value.attribute)
            if UNRESOLVED in piece
            else piece
            for piece in pieces
        ]
    if isinstance(value, Unknown):
        return Unknown("list", source=value.source, attribute=value.attribute)
    if not isinstance(delimiter, str) or not delimiter or not isinstance(value, str):
        return Unknown("list")
    pieces = value.split(delimiter)
    if len(pieces) > LONGEST_LIST:
        return Unknown("list")
    return [Sensitive(piece) for piece in pieces] if secret else list(pieces)


def base64(text: Any) -> Any:
    """`Fn::Base64`."""
    import base64 as encoding

    secret = isinstance(text, Sensitive)
    value = text.value if isinstance(text, Sensitive) else text
    plain = written(value)
    if plain is None or value is None:
        return Unknown("string")
    encoded = encoding.b64encode(plain.encode("utf-8", "surrogatepass")).decode("ascii")
    return Sensitive(encoded) if secret else encoded


def length(value: Any) -> Any:
    """`Fn::Length`."""
    return len(value) if isinstance(value, list) else Unknown("number")


def cidr(block: Any, count: Any, bits: Any) -> Any:
    """`Fn::Cidr`: `count` subnets with `bits` host bits out of a block."""
    from ipaddress import ip_network
    from itertools import islice

    number, width = _integer(count), _integer(bits)
    if number is None or not 1 <= number <= 256:
        return Unknown("list")
    unknown = [Unknown("string") for _ in range(number)]
    if not isinstance(block, str):
        return unknown
    try:
        network = ip_network(block, strict=False)
        prefix = network.max_prefixlen - (width if width is not None else 8)
        if not network.prefixlen <= prefix <= network.max_prefixlen:
            return unknown
        found = [str(subnet) for subnet in islice(network.subnets(new_prefix=prefix), number)]
    except ValueError:
        return unknown
    return found if len(found) == number else unknown


def equals(first: Any, second: Any) -> bool | None:
    """`Fn::Equals`: scalars are compared as texts, with regard to case; None when it is not known."""
    if isinstance(first, Sensitive):
        first = first.value
    if isinstance(second, Sensitive):
        second = second.value
    if isinstance(first, Unknown) or isinstance(second, Unknown) or NO_VALUE in (first, second):
        return None
    one, other = written(first), written(second)
    if one is not None and other is not None:
        return one == other
    if holds_unknown(first) or holds_unknown(second):
        return None
    return bool(first == second)


def holds_unknown(value: Any) -> bool:
    """Whether there is something unknown in a value."""
    if isinstance(value, dict):
        return any(holds_unknown(inner) for inner in value.values())
    if isinstance(value, list):
        return any(holds_unknown(inner) for inner in value)
    return isinstance(value, (Unknown, Sensitive))


def to_json(value: Any) -> Any:
    """`Fn::ToJsonString`; texts that are not known stand as `UNRESOLVED` in it."""
    import json

    if isinstance(value, Unknown) or value is NO_VALUE:
        return Unknown("string")
    known = not holds_unknown(value)
    text = json.dumps(_shown(value), separators=(",", ":"), ensure_ascii=False)
    if len(text) > LONGEST_TEXT:
        return Unknown("string")
    return text if known else Computed("string", like=text)


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shown(inner) for inner in value]
    if isinstance(value, Unknown):
        return value.like or UNRESOLVED
    return UNRESOLVED if isinstance(value, Sensitive) else value


def _integer(value: Any) -> int | None:
    """A whole number, also one that is written as a text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
        return int(value)
    return None
