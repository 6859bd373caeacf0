"""The syntax tree of a Terraform file, the same for both syntaxes: bodies of arguments and blocks.

Expressions are what `vigie._core.parse_hcl` makes (`expression.py` lists the kinds); they are compiled when they are
first evaluated, once for all instances of a module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vigie import _core


class Argument:
    """`name = expression`. start, end: lines; span: first byte of the expression and the byte behind it.

    code: the compiled expression, set by whoever evaluates it first.
    """

    __slots__ = ("code", "end", "expression", "name", "source", "span", "start")

    def __init__(  # noqa: PLR0917
        self, name: str, start: int, end: int, span: tuple[int, int], expression: Any, source: Source
    ) -> None:
        self.name, self.start, self.end, self.span, self.expression = name, start, end, span, expression
        self.source = source
        self.code: Callable[[Any], Any] | None = None

    @property
    def text(self) -> str:
        """The expression as it is written; in the JSON syntax the text that holds it."""
        if self.source.json:
            return self.expression if isinstance(self.expression, str) else self.source.text(*self.span)
        return self.source.text(*self.span)

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.source.shown}:{self.start}"

    def __repr__(self) -> str:
        return f"Argument({self.name}, {self.source.path}:{self.start})"


class Body:
    """What stands between braces: arguments by name (of equal ones the last counts), blocks in their order."""

    __slots__ = ("arguments", "blocks", "by_type")

    def __init__(self, arguments: dict[str, Argument], blocks: Sequence[Nested]) -> None:
        self.arguments, self.blocks = arguments, blocks
        self.by_type: dict[str, list[Nested]] | None = None

    def of_type(self, name: str) -> Sequence[Nested]:
        """Blocks of a type, without the dynamic ones."""
        if self.by_type is None:
            self.by_type = {}
            for block in self.blocks:
                self.by_type.setdefault(block.type, []).append(block)
        return self.by_type.get(name, ())


class Nested:
    """A block, at any level. start, end: from the line of its type to that of the closing brace."""

    __slots__ = ("_body", "end", "labels", "source", "start", "type")

    def __init__(  # noqa: PLR0917
        self,
        type: str,
        labels: tuple[str, ...],
        start: int,
        end: int,
        body: Body | tuple[Any, Any] | Callable[[], Body],
        source: Source,
    ) -> None:
        self.type, self.labels, self.start, self.end, self.source = type, labels, start, end, source
        self._body = body

    @property
    def body(self) -> Body:
        body = self._body
        if isinstance(body, Body):
            return body
        made = native_body(body[0], body[1], self.source) if isinstance(body, tuple) else body()
        self._body = made
        return made

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.source.shown}:{self.start}"

    def __repr__(self) -> str:
        return f"Nested({self.type} {' '.join(self.labels)}, {self.source.path}:{self.start})"


class Source:
    """A file. path: relative to the root of what is scanned (or of the module it belongs to when that comes from
    elsewhere). shown: the path for messages. json: whether it is of the JSON syntax. errors: line and reason."""

    __slots__ = ("body", "data", "errors", "json", "path", "shown")

    def __init__(self, path: str, data: bytes, json: bool) -> None:
        self.path, self.data, self.json = path, data, json
        self.shown = path
        self.errors: list[tuple[int, str]] = []
        self.body = Body({}, ())

    def text(self, first: int, end: int) -> str:
        return self.data[first:end].decode("utf-8", "replace")


def native_body(arguments: Sequence[tuple[Any, ...]], blocks: Sequence[tuple[Any, ...]], source: Source) -> Body:
    """A body from what the parser made."""
    return Body(
        {a[0]: Argument(a[0], a[1], a[2], (a[3], a[4]), a[5], source) for a in arguments},
        [Nested(b[0], b[1], b[2], b[3], (b[4], b[5]), source) for b in blocks],
    )


def is_json(path: str) -> bool:
    return path.endswith(".json")


def parse(path: str, data: bytes) -> Source:
    """A file's tree. What is broken is left out and named in `errors`."""
    source = Source(path, data, is_json(path))
    if source.json:
        from vigie.misconfig.languages.terraform.json_syntax import parse_json_body

        source.body = parse_json_body(source)
    else:
        arguments, blocks, source.errors = _core.parse_hcl(data)
        source.body = native_body(arguments, blocks, source)
    return source
