"""Functions of texts."""

from __future__ import annotations

import re
import unicodedata

from vigie.misconfig.languages.terraform.values import MAX_TEXT, FunctionError, LimitError, bounded
from vigie.misconfig.value import UNRESOLVED

_ENDS = "\r\n"
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def chomp(text: str) -> str:
    return text.rstrip(_ENDS)


def endswith(text: str, suffix: str) -> bool:
    return text.endswith(suffix)


def startswith(text: str, prefix: str) -> bool:
    return text.startswith(prefix)


def strcontains(text: str, part: str) -> bool:
    return part in text


def indent(spaces: int, text: str) -> str:
    if not 0 <= spaces <= 10_000 or (text.count("\n") + 1) * spaces > MAX_TEXT:
        raise LimitError("too many spaces")
    return text.replace("\n", "\n" + " " * spaces)


def join(separator: str, *lists: list[str]) -> str:
    items = [item for items in lists for item in items]
    if sum(map(len, items)) + len(separator) * len(items) > MAX_TEXT:
        raise LimitError(f"more than {MAX_TEXT} characters")
    return separator.join(items)


def split(separator: str, text: str) -> list[str]:
    if separator:
        return bounded(text.split(separator))
    return bounded(characters(text))


def lower(text: str) -> str:
    return UNRESOLVED.join(part.lower() for part in text.split(UNRESOLVED))


def upper(text: str) -> str:
    return text.upper()  # the mark of unknown parts is in upper case


def title(text: str) -> str:
    """The first letter of each word in upper case. Words end at what is neither letter, digit nor underscore."""
    return re.sub(r"(?<!\w)\w", lambda found: found[0].upper(), text)  # the mark begins with an underscore


def trim(text: str, cutset: str) -> str:
    return text.strip(cutset) if cutset else text


def trimprefix(text: str, prefix: str) -> str:
    return text.removeprefix(prefix)


def trimsuffix(text: str, suffix: str) -> str:
    return text.removesuffix(suffix)


def trimspace(text: str) -> str:
    return text.strip(_SPACE)


def strrev(text: str) -> str:
    return "".join(reversed(characters(text)))


def substr(text: str, offset: int, length: int) -> str:
    """Counts characters, not bytes. A negative offset counts from the end, length -1 takes all that is left."""
    items = characters(text)
    if offset < 0:
        offset = max(offset + len(items), 0)
    if length < -1:
        raise FunctionError("length must be -1 or more")
    return "".join(items[offset:] if length == -1 else items[offset : offset + length])


def characters(text: str) -> list[str]:
    """What a reader sees as characters: a letter together with the accents that follow it."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    parts: list[str] = []
    for char in text:
        joins = parts and (
            unicodedata.combining(char)
            or char in "\u200d\ufe0f"
            or parts[-1][-1] == "\u200d"
            or (char == "\n" and parts[-1] == "\r")
        )
        if joins:
            parts[-1] += char
        else:
            parts.append(char)
    return parts
