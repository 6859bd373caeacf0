"""The text of a yarn.lock: blocks of keys and values, by indentation, as written by yarn 1 and by yarn 2 and later."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from vigie.scanner.analyzer import ParseError

ENTRY = re.compile(r'(?:"([^"]*)"|([^\s":]+))(?::\s*|\s+)(?:"(.*)"|(.*))')
"""Key and value of a line below a header; yarn 1 writes `key "value"`, later ones `key: "value"`."""
LONGEST_LINE = 1 << 20


class Block(Struct):
    """One resolved package. patterns: what was asked, such as `a@^1` or `a@npm:^1`. resolution: `a@npm:1.2.0`, later
    yarns only. dependencies: (name, range) as written. start, end: lines."""

    patterns: list[str]
    start: int
    end: int
    version: str = ""
    resolution: str = ""
    dependencies: list[tuple[str, str]] = []


def blocks(text: str) -> Iterator[Block]:
    """All blocks but `__metadata`. Raises ParseError for a line that belongs to none, after the blocks before it."""
    block: Block | None = None
    section = header = ""
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip()
        if not line or line.startswith("#"):
            continue
        if len(line) > LONGEST_LINE:
            raise ParseError("holds a line that is too long for a yarn.lock", number)
        if not line[0].isspace():
            if header and line == ":":  # `? key` and `:` on lines of their own: keys of more than 1024 letters
                line, header = f"{header}:", ""
            elif line.startswith("? "):
                header = line[2:]
                continue
            if header or not line.endswith(":"):
                if block:
                    yield block
                raise ParseError(f"expected a block that ends with a colon, found {line[:60]!r}", number)
            if block:
                yield block
            patterns = [part.strip() for part in line[:-1].replace('"', "").split(", ")]
            block, section = (None if patterns == ["__metadata"] else Block(patterns, number, number)), ""
            continue
        if block is None:
            continue
        block.end = number
        content = line.lstrip()
        depth = len(line) - len(content)
        if depth <= 2 and content.endswith(":"):
            section = content[:-1]
            continue
        entry = ENTRY.fullmatch(content)
        if entry is None:
            continue  # lists and nested tables that carry no packages
        key, value = entry[1] or entry[2] or "", entry[4] if entry[3] is None else entry[3]
        if depth <= 2:
            section = ""
            if key == "version":
                block.version = value
            elif key == "resolution":
                block.resolution = value
        elif section == "dependencies":
            block.dependencies.append((key, value))
    if header:
        raise ParseError("ends inside a long key")
    if block:
        yield block
